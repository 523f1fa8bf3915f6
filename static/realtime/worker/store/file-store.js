/** @import { Span } from '../spans.js' */

import { filesName } from '../../both/cache-databases.js';
import { Database, done, result } from '../../both/database.js';

/**
 * One variant of a file, as a message shows it. `used`: when it was last read, epoch milliseconds.
 *
 * @typedef {object} FileEntry
 * @property {string} chat
 * @property {number} seq
 * @property {string} file
 * @property {string} variant
 * @property {number} size bytes
 * @property {number} used
 */
/** @typedef {Pick<FileEntry, 'chat' | 'seq' | 'file' | 'variant'>} FileKey */

/** @param {FileKey} key */
const keyOf = ({ chat, seq, file, variant }) => [chat, seq, file, variant];

/** @param {FileKey} key */
export const nameOf = (key) => keyOf(key).join(' ');

/**
 * Contents of files on this device, of one person: at most `limit` bytes, the least recently used
 * go first. The database is deleted with the person's cache.
 */
export class FileStore {
  /** @type {Promise<Map<string, FileEntry>> | null} */
  #entries = null;
  #database;
  #limit;

  /** @param {string} person @param {number} limit @param {() => void} [deleted] another tab has
   * deleted the database */
  constructor(person, limit, deleted) {
    this.#limit = limit;
    const forget = () => {
      this.#entries = null;
      deleted?.();
    };
    this.#database = new Database(filesName(person), {
      version: 1,
      upgrade(fresh) {
        fresh.createObjectStore('entries', { keyPath: ['chat', 'seq', 'file', 'variant'] });
        fresh.createObjectStore('contents');
      },
      deleted: forget,
      emptied: forget,
    });
  }

  /** @param {FileKey} key @returns {Promise<Blob | null>} */
  async get(key) {
    const entry = (await this.#load()).get(nameOf(key));
    if (!entry) return null;
    entry.used = Date.now();
    return this.#database.use(async (db) => {
      const tx = db.transaction(['entries', 'contents'], 'readwrite', { durability: 'relaxed' });
      tx.objectStore('entries').put(entry);
      return (await result(tx.objectStore('contents').get(keyOf(key)))) ?? null;
    });
  }

  /**
   * @param {FileKey} key
   * @param {Blob} content
   */
  async put(key, content) {
    if (content.size > this.#limit / 4) return;
    const entries = await this.#load();
    const { chat, seq, file, variant } = key;
    const entry = { chat, seq, file, variant, size: content.size, used: Date.now() };
    entries.set(nameOf(key), entry);
    const evicted = this.#excess(entries);
    await this.#database.use(async (db) => {
      const tx = db.transaction(['entries', 'contents'], 'readwrite', { durability: 'relaxed' });
      tx.objectStore('entries').put(entry);
      tx.objectStore('contents').put(content, keyOf(key));
      removeAll(tx, evicted);
      await done(tx);
    });
  }

  /**
   * Delete what a chat shows, or a part of it.
   *
   * @param {string} chat
   * @param {Span} span
   * @param {string} [file] only this file
   */
  remove(chat, [first, last], file) {
    return this.removeWhere(
      (one) => one.chat === chat && one.seq >= first && one.seq <= last && (!file || one.file === file),
    );
  }

  /** @param {(key: FileKey) => boolean} concerns */
  async removeWhere(concerns) {
    const entries = await this.#load();
    const doomed = [...entries.values()].filter(concerns);
    if (!doomed.length) return;
    for (const entry of doomed) entries.delete(nameOf(entry));
    await this.#database.use(async (db) => {
      const tx = db.transaction(['entries', 'contents'], 'readwrite');
      removeAll(tx, doomed);
      await done(tx);
    });
  }

  async removeAll() {
    this.#entries = null;
    await this.#database.use(async (db) => {
      const tx = db.transaction(['entries', 'contents'], 'readwrite');
      tx.objectStore('entries').clear();
      tx.objectStore('contents').clear();
      await done(tx);
    });
  }

  close() {
    this.#entries = null;
    this.#database.close();
  }

  /** Takes the least recently used out of the list until the rest is within the limit.
   * @param {Map<string, FileEntry>} entries */
  #excess(entries) {
    const oldest = [...entries.values()].sort((a, b) => a.used - b.used);
    let total = oldest.reduce((sum, { size }) => sum + size, 0);
    const evicted = [];
    for (const entry of oldest) {
      if (total <= this.#limit) break;
      total -= entry.size;
      entries.delete(nameOf(entry));
      evicted.push(entry);
    }
    return evicted;
  }

  #load() {
    this.#entries ??= this.#database.use(async (db) => {
      /** @type {FileEntry[]} */
      const all = await result(db.transaction('entries').objectStore('entries').getAll());
      return new Map(all.map((entry) => [nameOf(entry), entry]));
    });
    this.#entries.catch(() => (this.#entries = null));
    return this.#entries;
  }
}

/** @param {IDBTransaction} tx @param {FileEntry[]} entries */
function removeAll(tx, entries) {
  for (const entry of entries) {
    tx.objectStore('entries').delete(keyOf(entry));
    tx.objectStore('contents').delete(keyOf(entry));
  }
}
