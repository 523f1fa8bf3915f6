/**
 * Which chats the list shows, and in which order.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { isUnread } from './attention.js';

/** `mentions`: with an unread message that mentions the reader.
 * @typedef {'all' | 'unread' | 'mentions'} Filter */

/** @type {Record<Filter, (chat: ChatView) => boolean>} */
const SHOWN = { all: () => true, unread: isUnread, mentions: ({ mentioned }) => mentioned };

/**
 * @param {ChatView[]} chats
 * @param {Filter} filter
 * @param {string} current the open chat, which stays while it is read
 */
export const filtered = (chats, filter, current) =>
  chats.filter((chat) => SHOWN[filter](chat) || chat.id === current);

/** The parts of the list, from top to bottom. @param {ChatView[]} chats */
export function inOrder(chats) {
  const kept = chats.filter(({ archived }) => !archived);
  return {
    pinned: kept.filter(({ pinned }) => pinned),
    others: kept.filter(({ pinned }) => !pinned),
    archived: chats.filter(({ archived }) => archived),
  };
}
