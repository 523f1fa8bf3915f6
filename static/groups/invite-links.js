/**
 * `<invite-links>`: the invite links of a group.
 *
 * @module
 */

/** @import { GroupLink } from '../realtime/request-types.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { fullDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';

export class InviteLinks extends View {
  chat = '';
  /** @type {GroupLink[]} */
  #links = [];
  /** URL of the link just made; the server shows it only once. */
  #fresh = '';
  #copied = false;
  #error = '';

  start() {
    this.draw();
    void this.#list();
  }

  async #list() {
    await this.#ask(async () => {
      this.#links = await connect().request('links', this.chat);
    });
  }

  /** @param {() => Promise<unknown>} act */
  async #ask(act) {
    this.#error = '';
    try {
      await act();
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  async #make() {
    await this.#ask(async () => {
      this.#fresh = (await connect().request('makeLink', this.chat)).url;
      this.#copied = false;
      this.#links = await connect().request('links', this.chat);
    });
  }

  #copy() {
    return this.#ask(async () => {
      await navigator.clipboard.writeText(this.#fresh);
      this.#copied = true;
    });
  }

  /** @param {string} link */
  #revoke(link) {
    return this.#ask(async () => {
      await connect().request('revokeLink', this.chat, link);
      this.#fresh = '';
      this.#links = this.#links.filter(({ id }) => id !== link);
    });
  }

  view() {
    return html`<section aria-labelledby="panel-links"><h3 class="people-head" id="panel-links">${t('Invite links')}</h3>
      ${this.#fresh
        ? html`<div class="panel-form"><input class="input" readonly dir="ltr" aria-label=${t('The link')} .value=${this.#fresh}>
            <p class="field-hint">${t('Copy it now: it is shown this once.')}</p>
            <button class="btn btn-small" @click=${this.#copy}>${this.#copied ? t('Copied') : t('Copy')}</button></div>`
        : nothing}
      <ul role="list">${this.#links.map(
        ({ id, expires_at, uses }) => html`<li class="invite"><span>${t('until {when}', { when: fullDate(expires_at) })}, ${tn('used {n} time', 'used {n} times', uses)}</span>
          <button class="btn btn-small btn-quiet" @click=${() => this.#revoke(id)}>${t('Revoke')}</button></li>`,
      )}</ul>
      <button class="btn btn-small btn-quiet" @click=${this.#make}>${t('Create link')}</button>
      ${errorView(this.#error)}
    </section>`;
  }
}

customElements.define('invite-links', InviteLinks);
