/**
 * Hashes of what is cached, for the server to compare (docs/protocol.md, "Self-check").
 *
 * @module
 */

/** @import { Message, Resume } from '../wire.js' */
/** @import { ChatRecord, Model } from './model.js' */
/** @import { Cache } from './store/cache.js' */

/** Those with the newest activity; the server takes fifty. */
const MAX_CHATS = 20;
const MAX_ENTRIES = 100;
/** Of each text; its length is hashed, too. */
const MAX_CHARACTERS = 500;

/**
 * Hashes of the newest span of some chats. The cache is read before this returns its promise, so
 * that hashes and cursors are of the same moment. Empty where the browser has no hashes (plain HTTP).
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
 * An entry as client and server write it: a lost edit, or another entry in its place, shows.
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
