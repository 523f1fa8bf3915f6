/**
 * `<pins-line>`: the newest pinned message of a chat, in one line under its title.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { lineOf } from './describe.js';

export class PinsLine extends View {
  chat = '';
  /** Open the list of all. */
  showAll = () => {};
  /** @type {Row[]} */
  #rows = [];
  #stamp = '';
  /** Each press goes to the one pinned before. */
  #index = 0;
  #fetches = 0;

  /** A new value means that the pinned messages changed. @param {string} stamp */
  set stamp(stamp) {
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    if (this.isConnected) void this.#fetch();
  }

  start() {
    void this.#fetch();
  }

  async #fetch() {
    const current = ++this.#fetches;
    // Offline: the line stays as it is.
    const rows = await connect().request('pins', this.chat).catch(() => this.#rows);
    if (current !== this.#fetches) return;
    this.#rows = rows.filter(({ deleted }) => !deleted);
    this.#index = 0;
    this.update();
  }

  #next() {
    this.#index = (this.#index + 1) % this.#rows.length;
    this.update();
  }

  view() {
    const row = this.#rows[this.#index];
    if (!row) return nothing;
    const { length } = this.#rows;
    return html`<div class="pins-line">
      <a class="pins-line-text" href="/c/${this.chat}/at/${row.seq}" 
        @click=${() => this.#next()}>${icon('push-pin', { size: '16', label: t('Pinned message') })}<span dir="auto">${lineOf(row.text, row.files)}</span></a>
      ${length > 1
        ? html`<button class="link pins-line-all" aria-label=${tn('{n} pinned message', '{n} pinned messages', length)}
            @click=${() => this.showAll()}>${t('{at} of {n}', { at: this.#index + 1, n: length })}</button>`
        : nothing}</div>`;
  }
}

customElements.define('pins-line', PinsLine);
