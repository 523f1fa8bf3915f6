/**
 * `<chat-list-menu>`: the menu of each row of the list of chats, by mouse, key, finger or swipe.
 * Loaded after the first paint.
 *
 * @module
 */

/** @import { ChatSettings, ChatView } from '../realtime/contract.js' */

import { placeBeside } from '../shell/popover.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { chatMenuItems, setArchived, setChat } from './chat-menu.js';
import { errorView } from './error-text.js';
import './list-choices.js';
import { watchTouch } from './list-touch.js';
import { chatAvatar, chatTitle } from './list.js';
import { keepUnderFinger } from './long-press.js';

/** @typedef {{ words: string, undo: () => void, howLong?: () => void }} Done */

/** How long *Undo* is offered, and an error told. */
const NOTICE_MS = 8000;

export class ChatListMenu extends View {
  /** @type {ChatView[]} */
  #chats = [];
  /** The chat whose menu was opened last. */
  #chat = '';
  /** What was done, and can be undone for a moment. @type {Done | null} */
  #done = null;
  /** What failed. */
  #error = '';
  #timer = 0;

  /** @param {ChatView[]} chats */
  set chats(chats) {
    this.#chats = chats;
    this.update();
  }

  start() {
    const list = /** @type {HTMLElement} */ (this.closest('chat-list'));
    this.listen(list, 'click', (event) => this.#clicked(event));
    this.listen(list, 'keydown', (event) => this.#key(event));
    this.listen(list, 'contextmenu', (event) => this.#contextMenu(event));
    this.addCleanup(
      watchTouch(list, {
        pressed: (row) => this.#open(row),
        words: (row) => swipeWords(this.#of(row)),
        swiped: (row, from) => void this.#swiped(this.#of(row), from),
      }),
    );
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** @param {HTMLElement} row */
  #of(row) {
    return this.#chats.find(({ id }) => id === row.dataset.row);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest('.chat-more');
    const row = button && rowOf(event);
    if (row) this.#open(row, button);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const row = rowOf(event);
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const isMenuKey = event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!isMenuKey && by === undefined) return;
    event.preventDefault();
    if (by === undefined) this.#open(row);
    else focusRow(row, by);
  }

  /** @param {MouseEvent} event */
  #contextMenu(event) {
    const row = rowOf(event);
    // A finger opens it by a long press.
    if (!row || (event instanceof PointerEvent && event.pointerType === 'touch')) return;
    event.preventDefault();
    this.#open(row);
  }

  /** Open the menu of a chat, without opening the chat. @param {HTMLElement} row
   * @param {Element} [from] */
  #open(row, from = row) {
    const hadFocus = row.contains(document.activeElement);
    this.#chat = row.dataset.row ?? '';
    this.draw();
    const menu = /** @type {HTMLElement} */ (this.querySelector('.menu'));
    menu.hidePopover();
    menu.showPopover();
    keepUnderFinger(menu);
    placeBeside(menu, from);
    if (hadFocus) menu.querySelector('button')?.focus();
  }

  /** @param {ChatView | undefined} chat @param {'start' | 'end'} from */
  async #swiped(chat, from) {
    if (!chat) return;
    const { id, muted, muted_until: until, archived } = chat;
    if (from === 'end') return setArchived(chat, !archived);
    if (!(await setChat(id, { muted: !muted }))) return;
    const name = chatTitle(chat);
    if (muted) this.#offer(t('{name} is not muted any more.', { name }), id, until ? { muted_until: until } : { muted });
    else this.#offer(t('{name} is muted.', { name }), id, { muted: false }, () => this.#openMute(id));
  }

  /** @param {ChatView} chat that is in the archive now */
  offerBack(chat) {
    this.#offer(t('{name} is in the archive.', { name: chatTitle(chat) }), chat.id, { archived: false });
  }

  /** The menu of a chat, with the times for which it can be muted. @param {string} chat */
  #openMute(chat) {
    this.#show({});
    const row = /** @type {HTMLElement | null} */ (this.closest('chat-list')?.querySelector(`[data-row="${CSS.escape(chat)}"]`));
    if (!row) return;
    this.#open(row);
    this.querySelector('.menu-mute')?.setAttribute('open', '');
  }

  /** What a swipe does is easily done by mistake. @param {string} words @param {string} chat
   * @param {ChatSettings} before @param {() => void} [howLong] lets the reader choose an end */
  #offer(words, chat, before, howLong) {
    const undo = () => {
      this.#show({});
      void setChat(chat, before);
    };
    this.#show({ done: { words, undo, howLong } });
  }

  /** @param {string} error why something could not be done */
  tell(error) {
    this.#show({ error });
  }

  /** @param {{ done?: Done, error?: string }} shown */
  #show({ done, error = '' }) {
    this.#done = done ?? null;
    this.#error = error;
    clearTimeout(this.#timer);
    if (done || error) this.#timer = setTimeout(() => this.#show({}), NOTICE_MS);
    this.update();
  }

  view() {
    const chat = this.#chats.find(({ id }) => id === this.#chat);
    const done = this.#done;
    // The status is in the page before its text, or else it is not read out.
    return html`<div class="chats-notices" role="status">${
      done
        ? html`<div class="chats-notice"><span>${done.words}</span> <button class="link" @click=${done.undo}>${t('Undo')}</button>${
            done.howLong ? html` <button class="link" @click=${done.howLong}>${t('For how long?')}</button>` : nothing
          }</div>`
        : nothing
    }</div><div class="chats-notices">${this.#error ? html`<div class="chats-notice">${errorView(this.#error)}</div>` : nothing}</div>
      <div class="menu anchored" popover role="group" aria-label=${t('What to do with this chat')}>${
        chat ? html`<p class="menu-subject">${chatAvatar(chat)}<b dir="auto">${chatTitle(chat)}</b></p>${chatMenuItems(chat)}` : nothing
      }</div>`;
  }
}

/** @param {Event} event */
const rowOf = ({ target }) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-row]'));

/** Focus the chat that is so many rows below this one. @param {HTMLElement} row @param {number} by */
function focusRow(row, by) {
  /** @type {NodeListOf<HTMLElement>} */
  const all = /** @type {Element} */ (row.closest('chat-list')).querySelectorAll('[data-row]');
  const rows = [...all].filter((one) => one.checkVisibility());
  const next = rows[Math.min(Math.max(rows.indexOf(row) + by, 0), rows.length - 1)];
  next.querySelector('a')?.focus();
  next.scrollIntoView({ block: 'nearest' });
}

/** @param {ChatView | undefined} chat */
const swipeWords = (chat) => ({
  start: chat?.muted ? t('Unmute') : t('Mute'),
  end: chat?.archived ? t('Unarchive') : t('Archive'),
});

customElements.define('chat-list-menu', ChatListMenu);
