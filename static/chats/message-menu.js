/**
 * `<message-menu>`: all actions on a message, in a menu beside it (at the bottom of a narrow
 * screen).
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { Act, RoomAction } from './room-actions.js' */

import { personColor } from '../accounts/person-color.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { placeBeside } from '../shell/popover.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { canDelete } from './action-bar.js';
import { filesOf, lineOf } from './describe.js';
import { keepUnderFinger } from './long-press.js';
import { errorText } from './error-text.js';
import { QUICK_REACTIONS, toggleReaction } from './reactions-view.js';
import { canEdit } from './row.js';

/** How long an item says what it did. */
const DONE_MS = 1000;

export class MessageMenu extends View {
  /** @type {ChatView | null} */
  chat = null;
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {Act} */
  #act = () => {};
  #isInThread = false;
  /** @type {Row | null} */
  #row = null;
  #confirmsDelete = false;
  #error = '';
  /** What was done. */
  #done = '';
  #closing = 0;
  /** @type {Element | null} what the menu stands beside */
  #from = null;
  /** @type {Element | null} its row; the element beside which it stands may go before it closes */
  #marked = null;

  /**
   * @param {Row} row
   * @param {Element} from the element to open beside
   * @param {{ keys: boolean, act: Act, isInThread: boolean }} how `keys`: whether it was opened by
   *   keyboard; `isInThread`: whether the message is shown in its thread
   */
  open(row, from, { keys, act, isInThread }) {
    this.#row = row;
    this.#act = act;
    this.#isInThread = isInThread;
    this.#confirmsDelete = false;
    this.#error = '';
    this.#done = '';
    clearTimeout(this.#closing);
    this.#from = from;
    this.draw();
    const { menu } = this;
    menu.showPopover();
    this.#mark(from.closest('[data-key]'));
    keepUnderFinger(menu);
    placeBeside(menu, from);
    if (keys) menu.querySelector('button')?.focus();
  }

  /** Show which row the menu is of. @param {Element | null} row */
  #mark(row) {
    this.#marked?.removeAttribute('data-menu');
    this.#marked = row;
    row?.setAttribute('data-menu', '');
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
      if (this.#row) this.#act(action, this.#row);
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

  /**
   * Say in the item for a moment that it is done, then close.
   *
   * @param {Promise<unknown>} done
   * @param {string} told
   */
  async #runThenTell(done, told) {
    try {
      await done;
      this.#done = told;
      clearTimeout(this.#closing);
      this.#closing = setTimeout(() => this.#close(), DONE_MS);
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
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
      @keydown=${this.#key} @toggle=${(/** @type {ToggleEvent} */ { newState }) => newState === 'closed' && this.#mark(null)}
      >${this.#row ? this.#items(this.#row) : nothing}<p class="visually-hidden" role="status">${this.#done}</p></div>`;
  }

  /** @param {Row} row */
  #items(row) {
    if (this.#confirmsDelete) return this.#confirmView(row);
    const { chat } = this;
    const { seq } = row;
    if (!chat || seq === null) return nothing;
    /** @param {string} words @param {() => void} act @param {string} [kind] */
    const item = (words, act, kind = '') =>
      html`<button class="menu-item ${kind}" @click=${act}>${words}</button>`;
    /** An item that says what it did. @param {string} words @param {string} done
     * @param {() => Promise<unknown>} act */
    const telling = (words, done, act) => {
      const isDone = this.#done === done;
      return html`<button class="menu-item ${isDone ? 'menu-done' : ''}" @click=${() => void this.#runThenTell(act(), done)}>${isDone ? html`${icon('check')}${done}` : words}</button>`;
    };
    /** @param {'pin' | 'unpin' | 'save' | 'unsave'} type */
    const send = (type) => connect().command({ type, chat: chat.id, seq });
    const link = `${location.origin}/c/${chat.id}/at/${seq}`;
    // A direct chat between people who are no longer contacts is read-only; own messages and
    // reactions can still be removed.
    const { writable } = chat;
    return html`${this.#subject(row)}${writable ? html`<div class="quick">${QUICK_REACTIONS.map((emoji) => {
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
      ${this.#isInThread ? item(t('Show in the chat'), this.#closeThen('showInChat')) : item(t('Open the thread'), this.#closeThen('openThread'))}
      ${writable && canEdit(row) ? item(t('Edit'), this.#closeThen('edit')) : nothing}
      ${writable ? telling(row.pinned ? t('Unpin for everyone') : t('Pin for everyone'), row.pinned ? t('Unpinned') : t('Pinned'), () =>
        send(row.pinned ? 'unpin' : 'pin')) : nothing}
      ${telling(row.saved ? t('Remove from saved') : t('Save'), row.saved ? t('Removed from saved') : t('Saved'), () =>
        send(row.saved ? 'unsave' : 'save'))}
      ${row.text ? telling(t('Copy the text'), t('Text copied'), () => navigator.clipboard.writeText(row.text)) : nothing}
      ${telling(t('Copy a link'), t('Link copied'), () => navigator.clipboard.writeText(link))}
      ${item(t('Select'), this.#closeThen('select'))}
      ${item(t('Mark as unread from here'), this.#closeThen('markUnread'))}
      ${chat.kind === 'group' ? item(t('Seen by'), this.#closeThen('openSeenBy')) : nothing}
      ${row.edited_at ? item(t('Edit history'), this.#closeThen('openHistory')) : nothing}
      ${row.mine ? nothing : item(t('About the sender'), this.#closeThen('openSender'))}
      ${row.mine ? nothing : item(t('Why was I (not) notified?'), this.#closeThen('openWhyNotified'))}
      ${row.mine ? nothing : item(t('Report…'), this.#closeThen('report'), 'menu-alert')}
      ${canDelete(row, chat) ? item(t('Delete'), () => this.#askToDelete(), 'menu-alert') : nothing}
      ${this.#error ? html`<p class="error menu-text" role="alert">${this.#error}</p>` : nothing}`;
  }

  /** Whose message it is, and what it says: a sheet covers it. @param {Row} row */
  #subject(row) {
    const name = row.mine ? t('You') : (this.people[row.sender]?.name ?? t('Somebody'));
    return html`<p class="menu-subject quote ${row.mine ? 'own' : personColor(row.sender)}"><b dir="auto">${name}</b> <bdi>${lineOf(row.text, filesOf(row))}</bdi></p>`;
  }

  #askToDelete() {
    this.#confirmsDelete = true;
    this.draw();
    if (this.#from) placeBeside(this.menu, this.#from);
    this.menu.querySelector('button')?.focus();
  }

  /** @param {Row} row */
  #confirmView(row) {
    const { chat } = this;
    const what = lineOf(row.text, filesOf(row));
    return html`<p class="quote menu-quote ${row.mine ? 'own' : personColor(row.sender)}"><bdi>${what}</bdi></p>
      <p class="menu-text">${t('Delete this message for everyone? It cannot be brought back.')}</p>
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
