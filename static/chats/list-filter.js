/**
 * Which chats the list shows: all, those with something unread, or those that mention the reader.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { isUnread } from './attention.js';

/** @typedef {'all' | 'unread' | 'mentions'} Filter */

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

/**
 * @param {Filter} filter
 * @param {(filter: Filter) => void} choose
 */
export function filterView(filter, choose) {
  /** @type {[Filter, string][]} */
  const choices = [
    ['all', t('All')],
    ['unread', t('Unread')],
    ['mentions', t('Mentions')],
  ];
  return html`<div class="chats-filter" role="group" aria-label=${t('Which chats')}>${choices.map(
    ([name, words]) => html`<button class="chats-choice" aria-pressed=${name === filter ? 'true' : 'false'}
      @click=${() => choose(name)}>${words}</button>`,
  )}</div>`;
}

/** In place of the chats, when none is shown. @param {Filter} filter */
export const noneView = (filter) =>
  filter === 'all' ? nothing : html`<p class="chats-none">${filter === 'unread' ? t('Nothing is unread.') : t('No unread message mentions you.')}</p>`;
