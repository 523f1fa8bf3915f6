/**
 * Unsent messages and drafts, which exist nowhere else: one database for each person on this
 * browser. Later versions may add to it; none may clear it.
 *
 * @module
 */

/** @import { Draft, OutboxEntry } from '../../contract.js' */

import { Database, done, result } from '../../both/database.js';

/**
 * Queuing a message and removing its draft is one transaction: after a crash the text is in one of
 * the two places, never in both and never in none.
 */
export class LocalStore {
  /** Called when the database was deleted: its content is in memory only. */
  lost = () => {};
  #database;

  /** @param {string} person */
  constructor(person) {
    this.#database = new Database(`parley-mine-${person}`, {
      version: 1,
      upgrade(fresh, version) {
        if (version < 1) {
          fresh.createObjectStore('outbox', { keyPath: 'client_id' });
          fresh.createObjectStore('drafts', { keyPath: 'chat' });
        }
      },
      deleted: () => this.lost(),
      emptied: () => this.lost(),
    });
  }

  /** @returns {Promise<{ outbox: OutboxEntry[], drafts: Draft[] }>} */
  async load() {
    const [outbox, drafts] = await this.#database.use((db) => {
      const tx = db.transaction(['outbox', 'drafts']);
      const [entries, words] = [tx.objectStore('outbox').getAll(), tx.objectStore('drafts').getAll()];
      return Promise.all([result(entries), result(words)]);
    });
    // An earlier version had neither replies nor drafts on the server.
    return {
      outbox: outbox.map((entry) => ({ quote: null, ...entry })),
      drafts: drafts.map((draft) => ({ reply: null, unsaved: true, ...draft })),
    };
  }

  /**
   * A message enters the queue and leaves the draft.
   *
   * @param {OutboxEntry} entry
   * @param {Draft} draft what is left of the draft
   */
  queue(entry, draft) {
    return this.#write(['outbox', 'drafts'], (store) => {
      store('outbox').put(entry);
      put(store('drafts'), draft);
    });
  }

  /** @param {OutboxEntry[]} entries */
  update(entries) {
    return this.#write(['outbox'], (store) => entries.forEach((entry) => store('outbox').put(entry)));
  }

  /** @param {string[]} clientIds */
  remove(clientIds) {
    return this.#write(['outbox'], (store) => clientIds.forEach((id) => store('outbox').delete(id)));
  }

  /** @param {Draft} draft an empty one is deleted once the server has it */
  saveDraft(draft) {
    return this.#write(['drafts'], (store) => put(store('drafts'), draft));
  }

  /**
   * @param {Name[]} names
   * @param {(store: (name: Name) => IDBObjectStore) => void} requests
   */
  async #write(names, requests) {
    await this.#database.use((db) => {
      const tx = db.transaction(names, 'readwrite', { durability: 'strict' });
      requests((name) => tx.objectStore(name));
      return done(tx);
    });
  }
}

/** @typedef {'outbox' | 'drafts'} Name */

/** @param {IDBObjectStore} store @param {Draft} draft */
const put = (store, draft) =>
  draft.text || draft.reply || draft.unsaved ? store.put(draft) : store.delete(draft.chat);
