/**
 * What is held, in short, to be compared with what is stored (docs/protocol.md, "Self-check").
 *
 * @module
 */

/** @import { Message, Resume } from '../wire.js' */
/** @import { ChatRecord, Model } from './model.js' */
/** @import { Cache } from './store/cache.js' */

/** Of the chats with the newest activity; the server takes fifty. */
const MAX_CHATS = 20;
const MAX_ENTRIES = 100;
/** Of each text; its length is compared, too. */
const MAX_CHARACTERS = 500;

/**
 * The newest span of some chats. The cache is asked before this returns its promise, so what it
 * says is of the same moment as the cursors now. Nothing where the browser has no hashes (plain
 * HTTP).
 *
 * @param {Model} model
 * @param {Cache} cache
 * @returns {Promise<NonNullable<Resume['held']>>}
 */
export async function newestSpanHashes(model, cache) {
  if (!globalThis.crypto?.subtle) return {};
  const newest = [...model.chats.values()]
    .filter(({ spans }) => spans.length)
    .sort((a, b) => (a.chat.active_at < b.chat.active_at ? 1 : -1))
    .slice(0, MAX_CHATS);
  return Object.fromEntries(await Promise.all(newest.map((record) => held(record, cache))));
}

/**
 * @param {ChatRecord} record
 * @param {Cache} cache
 */
async function held({ id, spans }, cache) {
  const [from, last] = /** @type {[number, number]} */ (spans.at(-1));
  const first = Math.max(from, last - MAX_ENTRIES + 1);
  const rows = await cache.read(id, first, last);
  const hash = await hashOf(rows.map(line).join(''));
  return /** @type {const} */ ([id, { first, last, hash }]);
}

/**
 * An entry as both sides write it down: an edit that was lost, or another entry in its place, shows.
 *
 * @param {Message} message
 */
function line({ seq, rev, id, text }) {
  const bytes = new TextEncoder().encode(text).length;
  // A string is iterated by code point, which is what PostgreSQL counts.
  const start = text.length > MAX_CHARACTERS ? [...text.slice(0, 2 * MAX_CHARACTERS)].slice(0, MAX_CHARACTERS).join('') : text;
  return `${seq}:${rev}:${id}:${bytes}:${start}\n`;
}

/** @param {string} lines @returns {Promise<string>} the first 16 digits of its SHA-256 */
async function hashOf(lines) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines));
  const bytes = [...new Uint8Array(digest, 0, 8)];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
