/**
 * `<message-menu>`: everything that can be done with a message, as a menu beside it (at the bottom
 * of a narrow screen).
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { placeBy } from '../shell/popover.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { canDelete } from './action-bar.js';
import { keepUnderFinger } from './long-press.js';
import { problem } from './error-text.js';
import { QUICK, toggle } from './reactions-view.js';

/**
 * @typedef {object} MenuActs
 * @property {(row: Row) => void} reply
 * @property {(row: Row) => void} edit
 * @property {(row: Row) => void} thread
 * @property {(row: Row) => void} seen
 * @property {(row: Row) => void} history
 * @property {(row: Row) => void} told
 * @property {(row: Row) => void} pick
 */

export class MessageMenu extends View {
  /** @type {ChatView | null} */
  chat = null;
  /** @type {MenuActs | null} */
  acts = null;
  /** @type {Row | null} */
  #row = null;
  #asking = false;
  #wrong = '';

  /** @param {Row} row @param {Element} from beside what @param {boolean} keys opened by keyboard */
  open(row, from, keys) {
    this.#row = row;
    this.#asking = false;
    this.#wrong = '';
    this.draw();
    const { menu } = this;
    menu.showPopover();
    keepUnderFinger(menu);
    placeBy(menu, from);
    if (keys) menu.querySelector('button')?.focus();
  }

  get menu() {
    return /** @type {HTMLElement} */ (this.querySelector('.menu'));
  }

  #close() {
    this.menu.hidePopover();
  }

  /** Close, then go on. @param {(row: Row) => void} act */
  #then(act) {
    const row = this.#row;
    this.#close();
    if (row) act(row);
  }

  /** Something of the server's: stays open and says so when it fails. @param {Promise<unknown>} done */
  async #ask(done) {
    try {
      await done;
      this.#close();
    } catch (error) {
      this.#wrong = problem(error);
      this.update();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const all = /** @type {HTMLElement[]} */ ([...this.menu.querySelectorAll('button')]);
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    all[(at + by + all.length) % all.length]?.focus();
  }

  view() {
    return html`<div class="menu by" popover role="group" aria-label=${t('What to do with this message')}
      @keydown=${this.#key}>${this.#row ? this.#items(this.#row) : nothing}</div>`;
  }

  /** @param {Row} row */
  #items(row) {
    if (this.#asking) return this.#confirm(row);
    const { acts, chat } = this;
    const { seq } = row;
    if (!acts || !chat || seq === null) return nothing;
    const client = connect();
    /** @param {string} words @param {() => void} act @param {string} [kind] */
    const item = (words, act, kind = '') =>
      html`<button class="menu-item ${kind}" @click=${act}>${words}</button>`;
    // Out of touch, a direct chat takes nothing new: only what is one's own can be taken back.
    const { writable } = chat;
    return html`${writable ? html`<div class="quick">${QUICK.map((emoji) => {
        const mine = row.reactions.some((one) => one.emoji === emoji && one.mine);
        return html`<button class="quick-one" aria-pressed=${mine ? 'true' : 'false'} aria-label=${t('React with {emoji}', { emoji })}
          @click=${() => this.#then(() => toggle(chat.id, seq, { emoji, mine }))}>${emoji}</button>`;
      })}</div>
      ${item(t('Another reaction'), () => this.#then(acts.pick))}
      ${item(t('Reply'), () => this.#then(acts.reply))}` : nothing}
      ${item(t('Open the thread'), () => this.#then(acts.thread))}
      ${writable && row.mine ? item(t('Edit'), () => this.#then(acts.edit)) : nothing}
      ${writable ? item(row.pinned ? t('Take the pin away') : t('Pin for everybody'), () =>
        this.#ask(row.pinned ? client.unpin(chat.id, seq) : client.pin(chat.id, seq))) : nothing}
      ${item(row.saved ? t('No longer keep') : t('Keep for me'), () =>
        this.#ask(row.saved ? client.unsave(chat.id, seq) : client.save(chat.id, seq)))}
      ${item(t('Copy the text'), () => this.#ask(navigator.clipboard.writeText(row.text)))}
      ${item(t('Copy a link'), () =>
        this.#ask(navigator.clipboard.writeText(`${location.origin}/c/${chat.id}/at/${seq}`)))}
      ${chat.kind === 'group' ? item(t('Seen by'), () => this.#then(acts.seen)) : nothing}
      ${row.edited_at ? item(t('What it said before'), () => this.#then(acts.history)) : nothing}
      ${row.mine ? nothing : item(t('Was I told of it?'), () => this.#then(acts.told))}
      ${canDelete(row, chat) ? item(t('Delete'), () => this.#askFirst(), 'menu-alert') : nothing}
      ${this.#wrong ? html`<p class="wrong menu-words" role="alert">${this.#wrong}</p>` : nothing}`;
  }

  #askFirst() {
    this.#asking = true;
    this.draw();
    this.menu.querySelector('button')?.focus();
  }

  /** @param {Row} row */
  #confirm(row) {
    const { chat } = this;
    return html`<p class="menu-words">${t('Delete this message for everybody? It cannot be brought back.')}</p>
      <div class="menu-do">
        <button class="btn btn-small btn-quiet" @click=${() => this.#close()}>${t('Keep it')}</button>
        <button class="btn btn-small btn-quiet btn-alert"
          @click=${() => chat && row.seq !== null && this.#ask(connect().delete(chat.id, row.seq))}>${t('Delete')}</button>
      </div>
      ${this.#wrong ? html`<p class="wrong menu-words" role="alert">${this.#wrong}</p>` : nothing}`;
  }
}

customElements.define('message-menu', MessageMenu);
