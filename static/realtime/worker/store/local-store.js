/**
 * Unsent messages and their files, which exist nowhere else, and drafts: one database for each person
 * on this browser. Later versions may add to it; none may clear it. Signed-out pages delete drafts
 * that the server has.
 *
 * @module
 */

/** @import { Draft, OutboxEntry, Upload } from '../../stored-types.js' */

import { unsentName } from '../../both/cache-databases.js';
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
    this.#database = new Database(unsentName(person), {
      version: 2,
      upgrade(fresh, version) {
        if (version < 1) {
          fresh.createObjectStore('outbox', { keyPath: 'client_id' });
          fresh.createObjectStore('drafts', { keyPath: 'chat' });
        }
        if (version < 2) {
          fresh.createObjectStore('uploads', { keyPath: 'id' });
          // Their bytes: apart, so that a change of an upload does not write them again.
          fresh.createObjectStore('blobs');
        }
      },
      deleted: () => this.lost(),
      emptied: () => this.lost(),
    });
  }

  /** @returns {Promise<{ outbox: OutboxEntry[], drafts: Draft[], uploads: Upload[] }>} */
  async load() {
    const [outbox, drafts, uploads] = await this.#database.use((db) => {
      const names = ['outbox', 'drafts', 'uploads'];
      const tx = db.transaction(names);
      return Promise.all(names.map((name) => result(tx.objectStore(name).getAll())));
    });
    // Earlier versions had no replies, no drafts on the server, no files, none that existed, and none
    // in threads.
    return {
      outbox: outbox.map((entry) => restored({ quote: null, files: [], ...entry })),
      drafts: drafts.map((draft) => ({ reply: null, unsaved: true, ...draft })),
      uploads: uploads.map((upload) => ({ existing: false, thread: null, ...upload })),
    };
  }

  /** @param {string} upload @returns {Promise<Blob | undefined>} its bytes */
  blob(upload) {
    return this.#database.use((db) => result(db.transaction('blobs').objectStore('blobs').get(upload)));
  }

  /** @param {Upload} upload a new one @param {Blob | undefined} blob its bytes */
  addUpload(upload, blob) {
    return this.#write(['uploads', 'blobs'], (store) => {
      store('uploads').put(upload);
      if (blob) store('blobs').put(blob, upload.id);
    });
  }

  /** @param {Upload} upload a newer state of one; ignored when it was removed since */
  updateUpload(upload) {
    return this.#write(['uploads'], (store) => {
      const uploads = store('uploads');
      const found = uploads.getKey(upload.id);
      found.onsuccess = () => void (found.result !== undefined && uploads.put(upload));
    });
  }

  /** @param {string[]} uploads */
  removeUploads(uploads) {
    return this.#write(['uploads', 'blobs'], (store) => removeAll(store, uploads));
  }

  /**
   * A message enters the queue and leaves the draft.
   *
   * @param {OutboxEntry} entry
   * @param {Draft} draft what is left of the draft
   */
  queue(entry, draft) {
    return this.#write(['outbox', 'drafts'], (store) => {
      store('outbox').put(asStored(entry));
      put(store('drafts'), draft);
    });
  }

  /** @param {OutboxEntry[]} entries */
  update(entries) {
    return this.#write(['outbox'], (store) => entries.forEach((entry) => store('outbox').put(asStored(entry))));
  }

  /** @param {string[]} clientIds @param {string[]} uploads of messages that arrived */
  remove(clientIds, uploads) {
    return this.#write(['outbox', 'uploads', 'blobs'], (store) => {
      clientIds.forEach((id) => store('outbox').delete(id));
      removeAll(store, uploads);
    });
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

/** @typedef {'outbox' | 'drafts' | 'uploads' | 'blobs'} Name */

/**
 * An owner of a release without files would send a pending message without them. It leaves alone
 * what was sent, so a message that waits with its files is stored as sent, without a place.
 *
 * @param {OutboxEntry} entry @returns {OutboxEntry}
 */
const asStored = (entry) =>
  entry.state === 'pending' && entry.files.length ? { ...entry, state: 'sent' } : entry;

/** @param {OutboxEntry} entry @returns {OutboxEntry} */
const restored = (entry) =>
  entry.state === 'sent' && !entry.ack ? { ...entry, state: 'pending' } : entry;

/** @param {(name: Name) => IDBObjectStore} store @param {string[]} uploads */
function removeAll(store, uploads) {
  for (const id of uploads) {
    store('uploads').delete(id);
    store('blobs').delete(id);
  }
}

/** @param {IDBObjectStore} store @param {Draft} draft */
const put = (store, draft) =>
  draft.text || draft.reply || draft.unsaved ? store.put(draft) : store.delete(draft.chat);
