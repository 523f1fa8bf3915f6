/**
 * `<pins-line>`: the newest pinned message of a chat, in one line under its title.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { RoomChange } from './side-panel.js' */

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
  /** Tells of entries that came or changed. @type {EventTarget} */
  changes = new EventTarget();
  /** The one that presses led to, each to the one pinned before; null: the newest. @type {number | null} */
  #seq = null;
  #fetches = 0;
  #isFetching = false;

  start() {
    this.listen(this.changes, 'changed', (/** @type {RoomChange} */ { detail: rows }) => {
      if (!rows || this.#isFetching || changesPins(this.#rows, rows)) void this.#fetch();
    });
    void this.#fetch();
  }

  async #fetch() {
    const current = ++this.#fetches;
    this.#isFetching = true;
    // Offline: the line stays as it is.
    const rows = await connect().request('pins', this.chat).catch(() => this.#rows);
    if (current !== this.#fetches) return;
    this.#isFetching = false;
    this.#rows = rows.filter(({ deleted }) => !deleted);
    this.update();
  }

  get #index() {
    return Math.max(0, this.#rows.findIndex(({ seq }) => seq === this.#seq));
  }

  #next() {
    const { seq } = this.#rows[(this.#index + 1) % this.#rows.length];
    // Not before the router has read the address that was pressed.
    setTimeout(() => {
      this.#seq = seq;
      this.update();
    });
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

/**
 * Whether entries that came or changed make other pinned messages of these.
 *
 * @param {Row[]} pinned
 * @param {Row[]} rows
 */
export function changesPins(pinned, rows) {
  return rows.some((row) => {
    const held = pinned.find(({ seq }) => seq === row.seq);
    if (!held) return row.pinned && !row.deleted;
    return !row.pinned || row.deleted !== held.deleted || row.edited_at !== held.edited_at;
  });
}

customElements.define('pins-line', PinsLine);
