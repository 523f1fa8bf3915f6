/**
 * Stores the outbox: entries that could not be written are written again later, and known until
 * then.
 *
 * @module
 */

/** @import { Draft, OutboxEntry } from '../../contract.js' */
/** @import { LocalStore } from './local-store.js' */

const STORE_AGAIN_MS = 5000;

/**
 * @typedef {object} OutboxStoreDeps
 * @property {(clientId: string) => OutboxEntry | undefined} present the newest state of an entry
 * @property {(entries: OutboxEntry[]) => void} failed could not be stored, or were stored after that
 * @property {() => void} stored the database changed
 */

export class OutboxStore {
  /**
   * Entries whose newest state is being stored, or could not be stored.
   *
   * @type {Map<string, 'storing' | 'failed'>}
   */
  #unstored = new Map();
  /** Entries stored since the database was last read. @type {Set<string>} */
  #fresh = new Set();
  /** Entries that could not be removed from the database, and uploads to remove with them.
   * @type {Map<string, string[]>} */
  #unremoved = new Map();
  #timer = 0;
  #database;
  #deps;

  /** @param {LocalStore} database @param {OutboxStoreDeps} deps */
  constructor(database, deps) {
    this.#database = database;
    this.#deps = deps;
  }

  /** Whether the database did not take it: a reload would lose it. @param {string} clientId */
  isFailed(clientId) {
    return this.#unstored.get(clientId) === 'failed';
  }

  /** Whether the database may have been read before the entry was stored. @param {string} clientId */
  isNewer(clientId) {
    return this.#unstored.has(clientId) || this.#fresh.has(clientId);
  }

  /** The database is about to be read. */
  beforeRead() {
    this.#fresh.clear();
  }

  /** The database was emptied. @param {OutboxEntry[]} entries all of them */
  databaseEmptied(entries) {
    for (const { client_id } of entries) this.#unstored.set(client_id, 'failed');
    this.#retry();
  }

  /** @param {OutboxEntry} entry a new one @param {Draft} rest what is left of the draft */
  queue(entry, rest) {
    return this.#store([entry], this.#database.queue(entry, rest));
  }

  /** @param {OutboxEntry} entry a newer state of one */
  update(entry) {
    return this.#store([entry], this.#database.update([entry]));
  }

  /** @param {[string, string[]][]} entries client ids, and the uploads to remove with each */
  async remove(entries) {
    for (const [id] of entries) this.#unstored.delete(id);
    try {
      await this.#database.remove(entries.map(([id]) => id), entries.flatMap(([, files]) => files));
      for (const [id] of entries) this.#unremoved.delete(id);
      this.#deps.stored();
    } catch (error) {
      for (const [id, files] of entries) this.#unremoved.set(id, files);
      this.#retryLater(error);
    }
  }

  /**
   * Wait until entries are stored, or cannot be.
   *
   * @param {OutboxEntry[]} entries
   * @param {Promise<void>} writing
   */
  async #store(entries, writing) {
    const failed = entries.filter(({ client_id }) => this.isFailed(client_id));
    for (const { client_id } of entries) {
      if (!this.isFailed(client_id)) this.#unstored.set(client_id, 'storing');
    }
    // Entries that were removed or changed since belong to another write.
    const present = () => entries.filter((entry) => this.#deps.present(entry.client_id) === entry);
    try {
      await writing;
      for (const { client_id } of present()) {
        this.#unstored.delete(client_id);
        this.#fresh.add(client_id);
      }
      this.#deps.stored();
      if (failed.length) this.#deps.failed(failed);
    } catch (error) {
      for (const { client_id } of present()) this.#unstored.set(client_id, 'failed');
      this.#deps.failed(entries);
      this.#retryLater(error);
    }
  }

  /** @param {unknown} error */
  #retryLater(error) {
    console.warn('The outbox could not be stored.', error);
    this.#timer ||= setTimeout(() => this.#retry(), STORE_AGAIN_MS);
  }

  /** Store entries that could not be stored before. */
  #retry() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const failed = [...this.#unstored.keys()].filter((id) => this.isFailed(id));
    const entries = failed.flatMap((id) => this.#deps.present(id) ?? []);
    if (entries.length) void this.#store(entries, this.#database.update(entries));
    if (this.#unremoved.size) void this.remove([...this.#unremoved]);
  }
}
