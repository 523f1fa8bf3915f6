/**
 * Contents of files: fetched once for all tabs, and stored on this device as long as the person may
 * read the message that shows them.
 *
 * @module
 */

/** @import { Changes } from './model.js' */
/** @import { Owner } from './owner.js' */
/** @import { Span } from './spans.js' */
/** @import { FileKey } from './store/file-store.js' */

import { PEOPLE } from '../both/cache-databases.js';
import { ParleyError } from '../both/failure.js';
import { WHOLE } from './spans.js';
import { FileStore, nameOf } from './store/file-store.js';

const MAX_STORED_BYTES = 200_000_000;

/**
 * A content that is being fetched.
 *
 * @typedef {object} Loading
 * @property {FileKey} key
 * @property {AbortController} ended its message is gone, or the session
 * @property {boolean} isOutdated everything stored was replaced meanwhile: only the server says whether
 *   the person may still have it, so it is not stored, and asked for once more
 */

export class Files {
  /** @type {Map<string, Loading & { content: Promise<Blob> }>} */
  #loading = new Map();
  /** @type {FileStore | null} */
  #store = null;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * @param {FileKey} key
   * @returns {Promise<Blob>}
   * @throws {ParleyError}
   */
  content(key) {
    const name = nameOf(key);
    const known = this.#loading.get(name);
    if (known) return known.content;
    const loading = { key, ended: new AbortController(), isOutdated: false };
    const content = this.#load(loading).finally(() => {
      this.#loading.delete(name);
      // It is shown now, so no view asks for it before the next reload, which may be offline.
      if (loading.isOutdated && !loading.ended.signal.aborted) void this.content(key).catch(() => {});
    });
    this.#loading.set(name, Object.assign(loading, { content }));
    return content;
  }

  /** Delete what is left of chats that are not the person's any more: a former owner may have ended
   * before it did. Called once the model has the chats. */
  async clean() {
    const { chats } = this.#owner.model;
    const store = this.#open();
    await store.removeWhere(({ chat }) => chat !== PEOPLE && !chats.has(chat)).catch(() => {});
  }

  /** @param {Loading} loading */
  async #load(loading) {
    const { key, ended: { signal: ended } } = loading;
    const { lifecycle, http, model, cacheWriter, leadership } = this.#owner;
    await lifecycle.ready;
    // Only of chats that are still the person's, and of people.
    if (key.chat !== PEOPLE && !model.chats.has(key.chat)) throw new ParleyError('not_found');
    const stored = await this.#open().get(key).catch(() => null);
    if (ended.aborted) throw new ParleyError('not_found');
    if (stored && !loading.isOutdated) return stored;
    const content = await http.bytes(`/files/${key.file}/content/${key.variant}`, ended);
    if (ended.aborted) throw new ParleyError('not_found');
    if (leadership.isLeading && !cacheWriter.isStopped && !loading.isOutdated) {
      await this.#open().put(key, content).catch(() => {});
    }
    if (!ended.aborted && !loading.isOutdated) return content;
    // The message was deleted while its file was stored.
    await this.#store?.remove(key.chat, [key.seq, key.seq], key.file).catch(() => {});
    if (ended.aborted) throw new ParleyError('not_found');
    return content;
  }

  /** Delete what the changes took away. @param {Changes} changes */
  async changed({ wiped, left, dropped, forgotten, messages }) {
    const { model } = this.#owner;
    // Not ended: they may be what the first page waits for.
    if (wiped) for (const loading of this.#loading.values()) loading.isOutdated ||= loading.key.chat !== PEOPLE;
    if (wiped) await this.#open().removeAll().catch(() => {});
    /** @type {[chat: string, span: Span, file?: string][]} */
    const gone = [...dropped];
    // Not seq 0, which is the picture of the group.
    for (const [chat, from] of forgotten) gone.push([chat, [1, from - 1]]);
    for (const chat of left) if (!model.chats.has(chat)) gone.push([chat, WHOLE]);
    for (const [chat, list] of messages) {
      for (const { seq, deleted } of list) if (deleted) gone.push([chat, [seq, seq]]);
    }
    for (const { chat, file } of model.takeFormerPictures()) gone.push([chat, [0, 0], file]);
    for (const [chat, [first, last], file = ''] of gone) {
      this.#end((key) => {
        return key.chat === chat && key.seq >= first && key.seq <= last && (!file || key.file === file);
      });
    }
    for (const part of gone) await this.#open().remove(...part).catch(() => {});
  }

  /** The session has ended. The database is deleted with the cache. */
  forget() {
    this.#end(() => true);
    this.#store?.close();
    this.#store = null;
  }

  /** @param {(key: FileKey) => boolean} concerns */
  #end(concerns) {
    for (const { key, ended } of this.#loading.values()) if (concerns(key)) ended.abort();
  }

  #open() {
    this.#store ??= new FileStore(this.#owner.model.person, MAX_STORED_BYTES, () => this.#end(() => true));
    return this.#store;
  }
}
