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
  /** In the order in which they are sent. @type {Row[]} */
  rows = [];
  /** Called with a confirmation. @type {(note: string) => void} */
  done = () => {};
  /** @type {ChatView[]} */
  #chats = [];
  /** Client ids, by chat and message: trying again sends nothing twice. @type {Map<string, string>} */
  #ids = new Map();

  heading() {
    return t('Forward');
  }


  /** @param {SubmitEvent} event */
  async #send(event) {
    event.preventDefault();
    const chats = this.#chats;
    if (!chats.length) return;
    try {
      for (const { id } of chats) for (const row of this.rows) await this.#sendTo(id, row);
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

  /** @param {string} chat @param {Row} row */
  async #sendTo(chat, row) {
    const key = `${chat} ${row.key}`;
    const client_id = this.#ids.get(key) ?? uuid();
    this.#ids.set(key, client_id);
    const files = filesIn(row).map((file) => {
      const use = existingFile(file);
      void showMeanwhile(use, file, (variant) => loadContent({ chat: this.chat, row }, file, variant));
      return use;
    });
    await connect().forward(chat, { client_id, text: row.text, files });
  }

  content() {
    const [first] = this.rows;
    const more = this.rows.length - 1;
    return html`<form class="dialog-form" @submit=${this.#send}>
      ${quoteView(first)}${more ? html`<p class="forward-more">${tn('and {n} more message', 'and {n} more messages', more)}</p>` : nothing}
      <choose-chats .changed=${(/** @type {ChatView[]} */ chats) => {
        this.#chats = chats;
        this.update();
      }}></choose-chats>
      ${errorView(this.error)}
      <button class="btn" ?disabled=${!this.#chats.length}>${t('Send')}</button>
    </form>`;
  }
}

/** @param {Row} row */
const filesIn = (row) => /** @type {File[]} */ (filesOf(row).filter((file) => 'id' in file));

/** @param {Row} row */
function quoteView(row) {
  const { text, sender, mine } = row;
  const files = filesIn(row);
  return html`<p class="quote forward-what ${mine ? 'own' : personColor(sender)}">${text ? html`<bdi>${renderLine(text)}</bdi>` : nothing}${
    files.length ? html`<bdi>${fileLabel(files)}</bdi>` : nothing
  }</p>`;
}

customElements.define('forward-message', ForwardMessage);

/**
 * @param {Row[]} rows
 * @param {ChatComposer} composer of their chat; says what was done
 * @param {() => void} [sent]
 */
export const openForward = (rows, composer, sent = () => {}) =>
  openDialog('forward-message', {
    rows,
    chat: composer.chat,
    done: (/** @type {string} */ note) => {
      sent();
      composer.tell({ note });
    },
  });
