/**
 * Keys that work everywhere: from chat to chat, marking as read, the list of all keys, and text that
 * is typed beside the field for it. Loaded after the first paint.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { ChatList } from '../chats/list.js' */
/** @import { ChatRoom } from '../chats/room.js' */

import { isWaiting } from '../chats/attention.js';
import { inOrder } from '../chats/list-filter.js';
import { IS_APPLE, isCommand, isComposing } from './keys.js';
import { router } from './router.js';

/** What has keys of its own while it is open. */
const OVERLAY = 'dialog[open], :popover-open';
const FIELD = 'input, textarea, select, [contenteditable]';

/**
 * @param {() => ChatView[]} chats those of the reader, newest activity first
 * @returns {() => void} ends it
 */
export function watchKeys(chats) {
  const heard = (/** @type {KeyboardEvent} */ event) => {
    const act = actionOf(event, chats);
    if (!act) return fieldFor(event)?.focus();
    event.preventDefault();
    act();
  };
  document.addEventListener('keydown', heard);
  return () => document.removeEventListener('keydown', heard);
}

/**
 * What a key does; null: nothing of ours.
 *
 * @param {KeyboardEvent} event
 * @param {() => ChatView[]} chats
 * @returns {(() => unknown) | null}
 */
export function actionOf(event, chats, isApple = IS_APPLE) {
  const { key, shiftKey, altKey } = event;
  if (event.defaultPrevented || isComposing(event) || document.querySelector(OVERLAY)) return null;
  const target = /** @type {Element} */ (event.target);
  const isPlain = !altKey && !event.ctrlKey && !event.metaKey;
  const by = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (by && altKey && isApple && target.closest(FIELD)) return null;
  if (by && altKey && !event.ctrlKey && !event.metaKey) return () => go(by, shiftKey, chats());
  if (key === 'Escape' && isPlain && shiftKey) return isWritten(target) ? null : askReadAll;
  // In the timeline and in panels Escape leads back to the field for writing first.
  if (key === 'Escape' && isPlain && !target.closest('chat-timeline, .panel')) return markOpenChatRead();
  const asksForKeys = key === '?' && isPlain && !target.closest(FIELD);
  if (asksForKeys || (key === '/' && (event.ctrlKey || event.metaKey))) return openKeys;
  return null;
}

/**
 * The field for writing, if a key types or pastes text elsewhere in a chat, where nothing else takes
 * it. Once it has the focus, the browser puts the text there.
 *
 * @param {KeyboardEvent} event
 */
function fieldFor(event) {
  const { key, altKey, ctrlKey, metaKey } = event;
  const isCharacter = (!altKey && !ctrlKey && !metaKey) || event.getModifierState('AltGraph');
  // Autofill of a browser sends a key without a name.
  const isText = (key?.length === 1 && key !== ' ' && isCharacter) || isCommand(event, 'v');
  const target = /** @type {Element} */ (event.target);
  if (!isText || event.defaultPrevented || isComposing(event) || target.closest(FIELD) || document.querySelector(OVERLAY)) return null;
  const room = document.querySelector('chat-room');
  // A press between the messages leaves the focus on what is around the chat.
  if (!room || !(room.contains(target) || target.contains(room))) return null;
  const place = target.closest('chat-thread') ?? room.querySelector('.foot');
  return /** @type {HTMLElement | null} */ (place?.querySelector('chat-composer textarea') ?? null);
}

/** Whether a field holds text: of the keys that end things there, this one would end the most.
 * @param {Element} target */
const isWritten = (target) => target.matches(FIELD) && Boolean(/** @type {HTMLInputElement} */ (target).value);

/** Offline, and the module was never fetched: nothing opens. */
function askReadAll() {
  import('./read-all-dialog.js').then(({ askReadAll }) => askReadAll(), () => {});
}

/** @returns {(() => void) | null} */
function markOpenChatRead() {
  const room = /** @type {ChatRoom | null} */ (document.querySelector('chat-room'));
  return room && (() => room.markRead());
}

/** Offline, and the module was never fetched: nothing opens. */
export function openKeys() {
  import('./keys-dialog.js').then((module) => module.openKeys(), () => {});
}

/** @param {number} by @param {boolean} isUnread @param {ChatView[]} chats */
function go(by, isUnread, chats) {
  const { route } = router;
  const current = route.name === 'chat' ? route.chat : '';
  const list = /** @type {ChatList | null} */ (document.querySelector('chat-list'));
  const chat = isUnread ? nextWaiting(chats, current, by) : nextChat(list?.order ?? [], current, by);
  if (chat && chat !== current) router.go(`/c/${chat}`);
}

/**
 * The chat above or below the open one; the first or the last when none of them is open.
 *
 * @param {string[]} order
 * @param {string} current
 * @param {number} by 1 or -1
 */
export function nextChat(order, current, by) {
  const at = order.indexOf(current);
  if (at < 0) return order.at(by > 0 ? 0 : -1);
  return order[Math.min(Math.max(at + by, 0), order.length - 1)];
}

/**
 * The next chat that waits for the reader, from the open one on, and round the end.
 *
 * @param {ChatView[]} chats
 * @param {string} current
 * @param {number} by 1 or -1
 */
export function nextWaiting(chats, current, by) {
  const { pinned, others, archived } = inOrder(chats);
  const order = [...pinned, ...others, ...archived];
  if (by < 0) order.reverse();
  const at = order.findIndex(({ id }) => id === current);
  return [...order.slice(at + 1), ...order.slice(0, at + 1)].find((chat) => chat.id !== current && isWaiting(chat))?.id;
}
