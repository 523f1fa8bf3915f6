/**
 * `<message-menu>`: all actions on a message, in a menu beside it (at the bottom of a narrow
 * screen).
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */
/** @import { Act, RoomAction } from './room-actions.js' */

import { connect } from '../realtime/client.js';
import { placeBeside } from '../shell/popover.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { canDelete } from './action-bar.js';
import { keepUnderFinger } from './long-press.js';
import { errorText } from './error-text.js';
import { QUICK_REACTIONS, toggleReaction } from './reactions-view.js';

export class MessageMenu extends View {
  /** @type {ChatView | null} */
  chat = null;
  /** @type {Act} */
  act = () => {};
  /** @type {Row | null} */
  #row = null;
  #confirmsDelete = false;
  #error = '';

  /**
   * @param {Row} row
   * @param {Element} from the element to open beside
   * @param {boolean} keys whether it was opened by keyboard
   */
  open(row, from, keys) {
    this.#row = row;
    this.#confirmsDelete = false;
    this.#error = '';
    this.draw();
    const { menu } = this;
    menu.showPopover();
    keepUnderFinger(menu);
    placeBeside(menu, from);
    if (keys) menu.querySelector('button')?.focus();
  }

  get menu() {
    return /** @type {HTMLElement} */ (this.querySelector('.menu'));
  }

  #close() {
    this.menu.hidePopover();
  }

  /** @param {RoomAction} action @returns {() => void} */
  #closeThen(action) {
    return () => {
      this.#close();
      if (this.#row) this.act(action, this.#row);
    };
  }

  /**
   * Close the menu when the action succeeds; stay open with an error when it fails.
   *
   * @param {Promise<unknown>} done
   */
  async #runThenClose(done) {
    try {
      await done;
      this.#close();
    } catch (error) {
      this.#error = errorText(error);
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
    return html`<div class="menu anchored" popover role="group" aria-label=${t('What to do with this message')}
      @keydown=${this.#key}>${this.#row ? this.#items(this.#row) : nothing}</div>`;
  }

  /** @param {Row} row */
  #items(row) {
    if (this.#confirmsDelete) return this.#confirmView(row);
    const { chat } = this;
    const { seq } = row;
    if (!chat || seq === null) return nothing;
    /** @param {'pin' | 'unpin' | 'save' | 'unsave'} type */
    const send = (type) =>
      this.#runThenClose(connect().command({ type, chat: chat.id, seq }));
    /** @param {string} words @param {() => void} act @param {string} [kind] */
    const item = (words, act, kind = '') =>
      html`<button class="menu-item ${kind}" @click=${act}>${words}</button>`;
    // A direct chat between people who are no longer contacts is read-only; own messages and
    // reactions can still be removed.
    const { writable } = chat;
    return html`${writable ? html`<div class="quick">${QUICK_REACTIONS.map((emoji) => {
        const mine = row.reactions.some((one) => one.emoji === emoji && one.mine);
        return html`<button class="quick-one" aria-pressed=${mine ? 'true' : 'false'} aria-label=${t('React with {emoji}', { emoji })}
          @click=${() => {
            this.#close();
            toggleReaction(chat.id, seq, { emoji, mine });
          }}>${emoji}</button>`;
      })}</div>
      ${item(t('Another reaction'), this.#closeThen('react'))}
      ${item(t('Reply'), this.#closeThen('reply'))}` : nothing}
      ${item(t('Forward…'), this.#closeThen('forward'))}
      ${item(t('Open the thread'), this.#closeThen('openThread'))}
      ${writable && row.mine ? item(t('Edit'), this.#closeThen('edit')) : nothing}
      ${writable ? item(row.pinned ? t('Unpin') : t('Pin for everyone'), () =>
        send(row.pinned ? 'unpin' : 'pin')) : nothing}
      ${item(row.saved ? t('Remove from saved') : t('Save'), () =>
        send(row.saved ? 'unsave' : 'save'))}
      ${row.text ? item(t('Copy the text'), () => this.#runThenClose(navigator.clipboard.writeText(row.text))) : nothing}
      ${item(t('Copy a link'), () =>
        this.#runThenClose(navigator.clipboard.writeText(`${location.origin}/c/${chat.id}/at/${seq}`)))}
      ${chat.kind === 'group' ? item(t('Seen by'), this.#closeThen('openSeenBy')) : nothing}
      ${row.edited_at ? item(t('Edit history'), this.#closeThen('openHistory')) : nothing}
      ${row.mine ? nothing : item(t('About the sender'), this.#closeThen('openSender'))}
      ${row.mine ? nothing : item(t('Why was I (not) notified?'), this.#closeThen('openWhyNotified'))}
      ${row.mine ? nothing : item(t('Report…'), this.#closeThen('report'), 'menu-alert')}
      ${canDelete(row, chat) ? item(t('Delete'), () => this.#askToDelete(), 'menu-alert') : nothing}
      ${this.#error ? html`<p class="error menu-text" role="alert">${this.#error}</p>` : nothing}`;
  }

  #askToDelete() {
    this.#confirmsDelete = true;
    this.draw();
    this.menu.querySelector('button')?.focus();
  }

  /** @param {Row} row */
  #confirmView(row) {
    const { chat } = this;
    return html`<p class="menu-text">${t('Delete this message for everyone? It cannot be brought back.')}</p>
      <div class="menu-buttons">
        <button class="btn btn-small btn-quiet" @click=${() => this.#close()}>${t('Keep it')}</button>
        <button class="btn btn-small btn-quiet btn-alert"
          @click=${() => chat && row.seq !== null &&
            this.#runThenClose(connect().command({ type: 'delete', chat: chat.id, seq: row.seq }))}>${t('Delete')}</button>
      </div>
      ${this.#error ? html`<p class="error menu-text" role="alert">${this.#error}</p>` : nothing}`;
  }
}

customElements.define('message-menu', MessageMenu);
