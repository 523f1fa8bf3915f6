/**
 * `<forward-message>`: send a message with its files to other chats. It waits on this device like any
 * other message while there is no connection.
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */
/** @import { File } from '../realtime/wire.js' */
/** @import { ChatComposer } from './composer.js' */

import { personColor } from '../accounts/person-color.js';
import { showMeanwhile } from '../files/existing-picture.js';
import { loadContent } from '../files/file-loader.js';
import { existingFile } from '../realtime/both/existing-file.js';
import { uuid } from '../realtime/both/platform.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import './choose-chats.js';
import { fileLabel, filesOf } from './describe.js';
import { errorView } from './error-text.js';
import { chatTitle } from './list.js';
import { renderLine } from './markup/render.js';

export class ForwardMessage extends Dialog {
  chat = '';
  row = /** @type {Row} */ (/** @type {unknown} */ (null));
  /** Called with a confirmation. @type {(note: string) => void} */
  done = () => {};
  /** @type {ChatView[]} */
  #chats = [];
  /** Client ids, by chat: trying again sends nothing twice. @type {Map<string, string>} */
  #ids = new Map();

  heading() {
    return t('Forward');
  }

  get #files() {
    return /** @type {File[]} */ (filesOf(this.row).filter((file) => 'id' in file));
  }

  /** @param {SubmitEvent} event */
  async #send(event) {
    event.preventDefault();
    const chats = this.#chats;
    if (!chats.length) return;
    try {
      for (const { id } of chats) await this.#sendTo(id);
    } catch {
      this.error = t('This message could not be queued. Try again.');
      this.update();
      return;
    }
    this.close();
    const [{ title, person }] = chats;
    this.done(
      chats.length === 1
        ? t('Forwarded to {name}.', { name: chatTitle({ title, person }) })
        : tn('Forwarded to {n} chat.', 'Forwarded to {n} chats.', chats.length),
    );
  }

  /** @param {string} chat */
  async #sendTo(chat) {
    const client_id = this.#ids.get(chat) ?? uuid();
    this.#ids.set(chat, client_id);
    const files = this.#files.map((file) => {
      const use = existingFile(file);
      void showMeanwhile(use, file, (variant) => loadContent({ chat: this.chat, row: this.row }, file, variant));
      return use;
    });
    await connect().forward(chat, { client_id, text: this.row.text, files });
  }

  content() {
    const { text, sender, mine } = this.row;
    const files = this.#files;
    return html`<form class="dialog-form" @submit=${this.#send}>
      <p class="quote forward-what ${mine ? 'own' : personColor(sender)}">${text ? html`<bdi>${renderLine(text)}</bdi>` : nothing}${
        files.length ? html`<bdi>${fileLabel(files)}</bdi>` : nothing
      }</p>
      <choose-chats .changed=${(/** @type {ChatView[]} */ chats) => {
        this.#chats = chats;
        this.update();
      }}></choose-chats>
      ${errorView(this.error)}
      <button class="btn" ?disabled=${!this.#chats.length}>${t('Send')}</button>
    </form>`;
  }
}

customElements.define('forward-message', ForwardMessage);

/** @param {Row} row @param {string} chat @param {ChatComposer} composer says what was done */
export const openForward = (row, chat, composer) =>
  openDialog('forward-message', { row, chat, done: (/** @type {string} */ note) => composer.tell({ note }) });
