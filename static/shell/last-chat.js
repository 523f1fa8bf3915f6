/**
 * The chat that a person opened last in this browser, for the start page.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';

const key = () => `parley.last-chat.${connect().person}`;

/** @param {string} chat its id; empty: forget it */
export function rememberChat(chat) {
  try {
    if (chat) localStorage.setItem(key(), chat);
    else localStorage.removeItem(key());
  } catch {
    // The browser stores nothing: the start page then offers the list.
  }
}

/** The id, if the person is still in it; else empty. @param {ChatView[]} chats */
export function lastChat(chats) {
  let stored = null;
  try {
    stored = localStorage.getItem(key());
  } catch {
    // As above.
  }
  return chats.some(({ id }) => id === stored) ? (stored ?? '') : '';
}
