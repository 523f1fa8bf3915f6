/**
 * The custom emoji of the installation: their list, which this device stores, and their images.
 *
 * The server names the revision of the list when a connection begins, and whenever it changes; the
 * page fetches the list when it has another one. The browser caches the images, which never change,
 * so that they are there offline, too.
 *
 * @module
 */

import { connect } from '../realtime/client.js';
import { html, nothing } from '../shell/view.js';
import { characterAt, characterBefore, kindOf } from './markup/characters.js';
import { customEmoji } from './markup/custom.js';

/**
 * As the server has them (`apps/wire/bodies/emoji.py`). `still_url`: the first frame of one that moves.
 *
 * @typedef {{ id: string, name: string, aliases: string[], url: string, still_url: string | null }} CustomEmoji
 * @typedef {{ revision: number, items: CustomEmoji[] }} EmojiList
 */

/** Deleted by `clearDevice` (`notifications/device.js`). */
const KEY = 'parley.custom-emoji';
const NAME = /:([a-z0-9_+-]{2,32})(?=:)/g;
/** After a change, clients do not all ask in the same moment. */
const SPREAD_MS = 2000;

/** @type {EmojiList} */
let list = { revision: 0, items: [] };
/** By name and alias. @type {Map<string, CustomEmoji>} */
let byName = new Map();
/** Of the list that is being fetched. */
let wanted = 0;
let isFirst = true;

/** @param {EmojiList} found */
function set(found) {
  list = found;
  byName = new Map(found.items.flatMap((one) => [one.name, ...one.aliases].map((name) => [name, one])));
  customEmoji.listed = found.items.map(({ name, aliases }) => [`:${name}:`, name, [name, ...aliases].join(' ')]);
  customEmoji.version += 1;
  document.dispatchEvent(new Event('custom-emoji'));
}

function restore() {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (Array.isArray(stored?.items) && stored.revision !== list.revision) set(stored);
  } catch {
    // Storage is unavailable, or holds something else: the list is fetched.
  }
}

/** @param {number | undefined} revision of the server's list; an older release has none */
async function follow(revision) {
  if (revision === undefined) return;
  const isLive = !isFirst;
  isFirst = false;
  if (revision === wanted || revision === list.revision) return;
  wanted = revision;
  if (isLive) await new Promise((resolve) => setTimeout(resolve, Math.random() * SPREAD_MS));
  // Another tab fetched it, or it has changed once more.
  if (wanted !== revision || list.revision === revision) return;
  try {
    const response = await fetch('/api/v1/emoji');
    if (!response.ok) throw new Error(String(response.status));
    const text = await response.text();
    set(JSON.parse(text));
    localStorage.setItem(KEY, text);
  } catch {
    // Fetched again on the next connection.
    wanted = 0;
  }
}

/** @param {string} character */
const isWord = (character) => kindOf(character) === 'word';

/** The parts of a text: what stands between custom emoji, and these. Inside a word, as in
 * `user:cat:42`, there are none. @param {string} text
 * @returns {(string | CustomEmoji)[]} */
function parts(text) {
  const found = [];
  let end = 0;
  for (const { 1: name, index } of byName.size && text.includes(':') ? text.matchAll(NAME) : []) {
    const one = byName.get(name);
    const after = index + name.length + 2;
    if (!one || index < end || (isWord(characterBefore(text, index)) && isWord(characterAt(text, after)))) continue;
    found.push(text.slice(end, index), one);
    end = after;
  }
  return [...found, text.slice(end)];
}

/** @param {CustomEmoji} emoji */
function image({ name, url, still_url: still }) {
  const written = `:${name}:`;
  return html`<picture>${still ? html`<source srcset=${still} media="(prefers-reduced-motion: reduce)">` : nothing}<img
    class="emoji" alt=${written} title=${written} loading="lazy" src=${url} draggable="false" @error=${asText}></picture>`;
}

/** Its name, where the image cannot be loaded. @param {Event} event */
function asText(event) {
  const shown = /** @type {HTMLImageElement} */ (event.target);
  shown.parentElement?.replaceWith(shown.alt);
}

customEmoji.drawn = (text) => {
  const all = parts(text);
  return all.length === 1 ? text : all.map((part) => (typeof part === 'string' ? part : image(part)));
};
customEmoji.replaced = (text) => parts(text).map((part) => (typeof part === 'string' ? part : '⭐')).join('');

restore();
addEventListener('storage', ({ key }) => {
  if (key === KEY) restore();
});
connect().watchMe(({ emoji }) => void follow(emoji));
