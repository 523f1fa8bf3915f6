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
  /** Whether it is a group also with a single person: the reader chose so, or has named it. */
  #isGroup = false;
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
    const isGroup = this.#makesGroup;
    await this.run(async () => {
      const { chat } = await connect().command(
        isGroup ? { type: 'group.create', title, people } : { type: 'chat.direct', person: people[0] },
      );
      this.close();
      router.go(`/c/${chat}`);
    });
    this.#busy = false;
  }

  /** With one person it is a chat between the two, unless the reader wants a group. */
  get #makesGroup() {
    return this.#isGroup || this.#people.length > 1;
  }

  #chooseGroup() {
    this.#isGroup = true;
    this.draw();
    /** @type {HTMLElement | null} */ (this.querySelector('[name=title]'))?.focus();
  }

  content() {
    const [one] = this.#people;
    return html`<form class="dialog-form" @submit=${this.#make}>
      <p class="field-hint">${t('Choose one person to talk with them, or several for a group.')}</p>
      <choose-people .sendsOnEnter=${true} .changed=${(/** @type {Person[]} */ people) => {
        this.#people = people;
        this.update();
      }}></choose-people>
      ${this.#makesGroup
        ? html`<label class="field"><b>${t('Name of the group')}</b>
            <input class="input" name="title" maxlength="120" autocomplete="off" dir="auto" required
              @input=${() => (this.#isGroup = true)}></label>`
        : nothing}
      ${errorView(this.error)}
      ${this.#makesGroup
        ? html`<button class="btn">${t('Create group')}</button>`
        : html`${one ? html`<button class="btn">${t('Message {name}', { name: one.name })}</button>` : nothing}
            <button class="btn btn-quiet" type="button" @click=${() => this.#chooseGroup()}>${t('New group')}</button>`}
    </form>`;
  }
}

customElements.define('new-chat', NewChat);

export const openNewChat = () => openDialog('new-chat', {});
