/**
 * What exists nowhere else: unsent messages and drafts, one database for each person on this
 * browser. Later versions add to it; none may clear it.
 *
 * @module
 */

/** @import { IDBPDatabase } from '../../vendor/idb/idb.js' */
/** @import { Draft, OutboxEntry } from '../contract.js' */

import { openDB } from '../../vendor/idb/idb.js';

/**
 * Writing a message and emptying its draft is one transaction: a crash leaves it in one of the two
 * places, never in both and never in none.
 */
export class Mine {
  #db;

  /** @param {IDBPDatabase | null} db null where the browser stores nothing: kept until it closes */
  constructor(db) {
    this.#db = db;
  }

  /** @param {string} person @returns {Promise<Mine>} */
  static async open(person) {
    try {
      const db = await openDB(`parley-mine-${person}`, 1, {
        upgrade(fresh, version) {
          if (version < 1) {
            fresh.createObjectStore('outbox', { keyPath: 'client_id' });
            fresh.createObjectStore('drafts', { keyPath: 'chat' });
          }
        },
      });
      return new Mine(db);
    } catch (error) {
      console.warn('Unsent messages cannot be stored in this browser.', error);
      return new Mine(null);
    }
  }

  /** @returns {Promise<{ outbox: OutboxEntry[], drafts: Draft[] }>} */
  async load() {
    const [outbox = [], drafts = []] = await Promise.all([
      this.#db?.getAll('outbox'),
      this.#db?.getAll('drafts'),
    ]);
    // Those of an earlier version answered nothing, and no server had their drafts.
    return {
      outbox: outbox.map((entry) => ({ quote: null, ...entry })),
      drafts: drafts.map((draft) => ({ reply: null, unsaved: true, ...draft })),
    };
  }

  /**
   * A message enters the queue and leaves the draft.
   *
   * @param {OutboxEntry} entry
   * @param {Draft} draft what is left of it
   */
  async queue(entry, draft) {
    const tx = this.#write(['outbox', 'drafts']);
    const drafts = tx?.objectStore('drafts');
    const queued = tx?.objectStore('outbox').put(entry);
    await Promise.all([queued, drafts && put(drafts, draft), tx?.done]);
  }

  /** @param {OutboxEntry} entry */
  async update(entry) {
    const tx = this.#write(['outbox']);
    await Promise.all([tx?.objectStore('outbox').put(entry), tx?.done]);
  }

  /** @param {string[]} clientIds */
  async remove(clientIds) {
    const tx = this.#write(['outbox']);
    await Promise.all([...clientIds.map((id) => tx?.objectStore('outbox').delete(id)), tx?.done]);
  }

  /** @param {Draft} draft an empty one goes once the server knows of it */
  async draft(draft) {
    const tx = this.#write(['drafts']);
    const drafts = tx?.objectStore('drafts');
    await Promise.all([drafts && put(drafts, draft), tx?.done]);
  }

  /** @param {('outbox' | 'drafts')[]} names */
  #write(names) {
    return this.#db?.transaction(names, 'readwrite', { durability: 'strict' });
  }
}

/**
 * @param {{ put?: (draft: Draft) => Promise<unknown>, delete?: (chat: string) => Promise<unknown> }
 *   } store
 * @param {Draft} draft
 */
const put = (store, draft) =>
  draft.text || draft.reply || draft.unsaved ? store.put?.(draft) : store.delete?.(draft.chat);
