/**
 * `<add-people>`: add contacts to a group.
 *
 * @module
 */

/** @import { Person } from '../realtime/wire.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';
import './choose-people.js';

/** People who left a group cannot be added again. @param {unknown} error */
const left = (error) => error instanceof Error && 'code' in error && error.code === 'not_possible';

export class AddPeople extends Dialog {
  chat = '';
  /** @type {Set<string>} */
  without = new Set();
  /** @type {Person[]} */
  #people = [];

  heading() {
    return t('Add people');
  }

  /** @param {SubmitEvent} event */
  async #add(event) {
    event.preventDefault();
    try {
      const people = this.#people.map(({ id }) => id);
      await connect().command({ type: 'member.add', chat: this.chat, people });
      this.close();
    } catch (error) {
      this.error = left(error)
        ? t('Someone you chose left this group. Send an invite link instead.')
        : errorText(error);
      this.update();
    }
  }

  content() {
    return html`<form class="dialog-form" @submit=${this.#add}>
      <choose-people .without=${this.without} .changed=${(/** @type {Person[]} */ people) => {
        this.#people = people;
        this.update();
      }}></choose-people>
      ${errorView(this.error)}
      <button class="btn" ?disabled=${!this.#people.length}>${t('Add')}</button>
    </form>`;
  }
}

customElements.define('add-people', AddPeople);

/** @param {string} chat @param {Set<string>} without */
export const openAddPeople = (chat, without) => openDialog('add-people', { chat, without });
