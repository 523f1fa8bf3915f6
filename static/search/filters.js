/**
 * The filters of a search: buttons that begin one, suggestions for its value, and the help.
 *
 * @module
 */

/** @import { ChatView, ContactView } from '../realtime/contract.js' */
/** @import { OpenFilter } from './language.js' */

import { chatTitle } from '../chats/list.js';
import { folded } from '../shell/folded.js';
import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { HAS, hasFilter } from './language.js';

/** @typedef {{ words: string, text: string }} Suggestion `text`: replaces the filter being typed */
/** @typedef {{ chats: ChatView[], contacts: ContactView[] }} Known */

const MAX_SUGGESTIONS = 6;

/** The only chat to search in. @param {ChatView} chat @param {() => void} remove */
export const chatChip = (chat, remove) =>
  html`<div class="search-filters"><button class="search-filter search-chat" title=${t('Search everywhere')} @click=${remove}>
    <bdi>${t('In {chat}', { chat: chatTitle(chat) })}</bdi>${icon('x', { label: t('Search everywhere') })}</button></div>`;

/**
 * Buttons that begin a filter; those that are one are pressed while the text has it.
 *
 * @param {string} query
 * @param {(filter: string) => void} press
 */
export const filterButtons = (query, press) =>
  html`<div class="search-filters" role="group" aria-label=${t('Filters')}>${[
    ['has:image', t('Pictures')],
    ['has:file', t('Any file')],
    ['has:link', t('Links')],
    ['from:', t('From')],
    ['in:', t('In')],
    ['before:', t('Before')],
  ].map(([filter, words]) => html`<button class="search-filter" aria-pressed=${isWhole(filter) ? `${hasFilter(query, filter)}` : nothing}
    @click=${() => press(filter)}>${words}</button>`)}</div>`;

/** Whether nothing is missing in a filter. @param {string} filter */
export const isWhole = (filter) => !filter.endsWith(':');

/**
 * @param {OpenFilter} open
 * @param {(text: string) => void} choose
 * @param {Known} known
 */
export function suggestionsView(open, choose, known) {
  const items = suggestionsFor(open, known);
  const hasDay = ['before', 'after', 'on'].includes(open.key);
  if (!items.length && !hasDay) return nothing;
  return html`<div class="search-filters" role="group" aria-label=${t('Suggestions')}>${items.map(
    ({ words, text }) => html`<button class="search-filter search-suggestion" @click=${() => choose(text)}><bdi>${words}</bdi></button>`,
  )}${
    hasDay
      ? html`<input class="input search-day" type="date" aria-label=${t('Choose a day')} @change=${(/** @type {Event} */ event) => {
          const { value } = /** @type {HTMLInputElement} */ (event.target);
          if (value) choose(`${open.key}:${value} `);
        }}>`
      : nothing
  }</div>`;
}

/**
 * @param {OpenFilter} open
 * @param {Known} known
 * @returns {Suggestion[]}
 */
export function suggestionsFor({ key, value }, { chats, contacts }) {
  const named = VALUES[key]({ chats, contacts });
  const typed = folded(value.replace(/^@/, ''));
  const fitting = named.filter(({ names }) => names.some((name) => ` ${folded(name)}`.includes(` ${typed}`)));
  return fitting.slice(0, MAX_SUGGESTIONS).map(({ words, as }) => ({ words, text: `${key}:${as} ` }));
}

/** @typedef {{ words: string, as: string, names: string[] }} Value */

/** @type {Record<string, (known: Known) => Value[]>} */
const VALUES = {
  from: ({ chats, contacts }) => {
    const people = [...chats.flatMap(({ person }) => person ?? []), ...contacts.map(({ person }) => person)];
    const unique = [...new Map(people.map((person) => [person.id, person])).values()];
    return [
      { words: t('Me'), as: 'me', names: [t('Me'), 'me'] },
      ...unique.map(({ name, username }) => ({ words: name || username, as: username, names: [name, username] })),
    ];
  },
  in: ({ chats }) =>
    chats.map((chat) => ({ words: chatTitle(chat), as: quoted(chatTitle(chat)), names: [chatTitle(chat)] })),
  has: () =>
    [t('Link'), t('Code'), t('Any file'), t('Picture'), t('Video'), t('Audio'), t('Voice message'), t('Document')].map(
      (words, at) => ({ words, as: HAS[at], names: [words, HAS[at]] }),
    ),
  before: () => days(),
  after: () => days(),
  on: () => days(),
};

/** @returns {Value[]} */
const days = () =>
  [
    ['today', t('Today')],
    ['yesterday', t('Yesterday')],
    ['this week', t('This week')],
    ['last week', t('Last week')],
    ['last month', t('Last month')],
  ].map(([as, words]) => ({ words, as, names: [words, as] }));

/** @param {string} title */
const quoted = (title) => `"${title.replace(/["“”„]+/g, ' ').trim()}"`;


/** What can be typed. */
export const help = () => html`<dl class="search-help" id="search-help">${[
  ['from:name', t('written by somebody')],
  ['in:"chat name"', t('in one chat')],
  ['has:link has:code', t('contains a link, contains code')],
  ['has:image has:voice has:file', t('contains a picture, a voice message, any file')],
  ['before:2026-11-30 after:yesterday on:monday', t('before, after or on a day')],
  ['"these words" -without', t('exact phrase; leave out a word')],
].map(([sign, words]) => html`<div><dt><code dir="ltr">${sign}</code></dt><dd>${words}</dd></div>`)}</dl>`;
