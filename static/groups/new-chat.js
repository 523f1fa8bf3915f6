/**
 * `<new-chat>`: start a chat with one contact, or a group with several.
 *
 * @module
 */

/** @import { Person } from '../realtime/wire.js' */

import { errorView } from '../chats/error-text.js';
import { isBlank } from '../realtime/both/blank.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { router } from '../shell/router.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './choose-people.js';

export class NewChat extends Dialog {
  /** @type {Person[]} */
  #people = [];
  #named = false;
  #busy = false;

  heading() {
    return t('New group or chat');
  }

  /** @param {SubmitEvent} event */
  async #make(event) {
    event.preventDefault();
    if (this.#busy) return;
    const form = /** @type {HTMLFormElement} */ (event.target);
    const given = String(new FormData(form).get('title') ?? '');
    const title = isBlank(given) ? '' : given.trim();
    const people = this.#people.map(({ id }) => id);
    this.#busy = true;
    await this.run(async () => {
      const isGroup = title || people.length !== 1;
      const { chat } = await connect().command(
        isGroup ? { type: 'group.create', title, people } : { type: 'chat.direct', person: people[0] },
      );
      this.close();
      router.go(`/c/${chat}`);
    });
    this.#busy = false;
  }

  /** @param {Event} event */
  #naming(event) {
    this.#named = !isBlank(/** @type {HTMLInputElement} */ (event.target).value);
    this.update();
  }

  content() {
    const one = this.#people.length === 1 && !this.#named;
    return html`<form class="dialog-form" @submit=${this.#make}>
      <choose-people .changed=${(/** @type {Person[]} */ people) => {
        this.#people = people;
        this.update();
      }}></choose-people>
      <label class="field"><b>${t('Name of the group')}</b>
        <input class="input" name="title" maxlength="100" autocomplete="off" dir="auto" ?required=${this.#people.length !== 1}
          @input=${this.#naming}></label>
      ${one ? html`<p class="field-hint">${t('Without a name this is a chat between the two of you.')}</p>` : nothing}
      ${errorView(this.error)}
      <button class="btn">${one ? t('Start chat') : t('Create group')}</button>
    </form>`;
  }
}

customElements.define('new-chat', NewChat);

export const openNewChat = () => openDialog('new-chat', {});
