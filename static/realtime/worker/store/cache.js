/**
 * What can be had from the server again: one disposable database for each person on this browser.
 * The name carries the layout's version; another layout is another database, and the old ones go.
 *
 * @module
 */

/** @import { Contact, Limits, Me, Member, Message, NotificationSettings, SavedMessage, Scheduled
 *   } from '../../wire.js' */
/** @import { ChatRecord } from '../model.js' */
/** @import { Span } from '../spans.js' */

import { uuid } from '../../both/ids.js';
import { isChanged, quoteOf } from '../../both/quotes.js';
import { cacheName, deleteCaches } from '../../both/cache-databases.js';
import { Database, answer, done } from '../../both/database.js';

/**
 * @typedef {object} Meta
 * @property {string | null} epoch
 * @property {number} user
 * @property {Me | null} me
 * @property {Limits | null} limits
 * @property {NotificationSettings | null} notifications
 * @property {SavedMessage[]} saved
 * @property {Scheduled[]} scheduled
 *
 * @typedef {object} Batch all of it is stored, or nothing
 * @property {boolean} wipe first forget everything
 * @property {Meta | null} meta
 * @property {ChatRecord[]} chats
 * @property {Contact[]} contacts
 * @property {string[]} lostContacts ids of people
 * @property {string[]} lostChats everything of them goes
 * @property {[string, Member[]][]} members of groups
 * @property {[string, Span][]} dropped what goes of the messages of chats, before the new ones come
 * @property {[string, Message][]} messages with the chat of each
 *
 * @typedef {{ meta: Meta | null, chats: ChatRecord[], contacts: Contact[] }} Held
 *
 * @typedef {object} Cache
 * @property {() => Promise<Held>} load
 * @property {(batch: Batch) => Promise<void>} save
 * @property {(chat: string, first: number, last: number) => Promise<Message[]>} read
 * @property {(chat: string) => Promise<Member[] | null>} members as last stored
 * @property {() => void} close it is not used any more
 */

/** Every entry of a chat, or a part of it. @param {string} chat */
const range = (chat, first = 0, last = Number.MAX_SAFE_INTEGER) =>
  IDBKeyRange.bound([chat, first], [chat, last]);

/** @implements {Cache} */
export class StoredCache {
  #database;
  /** Made with the database: another one there is another database. @type {string | null} */
  #made = null;
  /**
   * A batch is missing. Until all is stored anew (`wipe`), nothing more is: it would mark as held
   * what is not.
   */
  #isBroken = false;
  /** The batch before: each waits for it. @type {Promise<void>} */
  #saved = Promise.resolve();

  /** @param {string} person @param {() => void} deleted another tab has deleted it */
  constructor(person, deleted) {
    void deleteCaches(cacheName(person)).catch(() => {});
    this.#database = new Database(cacheName(person), {
      version: 1,
      upgrade(fresh) {
        fresh.createObjectStore('meta').put(uuid(), 'made');
        fresh.createObjectStore('chats', { keyPath: 'id' });
        fresh.createObjectStore('contacts', { keyPath: 'person.id' });
        fresh.createObjectStore('members', { keyPath: 'chat' });
        const messages = fresh.createObjectStore('messages', { keyPath: ['chat', 'seq'] });
        messages.createIndex('answers', ['chat', 'reply_to']);
      },
      check: async (db) => {
        const made = (await answer(db.transaction('meta').objectStore('meta').get('made'))) ?? '';
        if (this.#made !== null && made !== this.#made) this.#isBroken = true;
        this.#made = made;
      },
      deleted: () => {
        this.close();
        deleted();
      },
    });
  }

  /** @returns {Promise<Held>} */
  load() {
    return this.#database.use(load);
  }

  /**
   * Batches are stored in order; a `read` asked for later sees them.
   *
   * @param {Batch} batch
   * @returns {Promise<void>} rejects also when one before it was not stored
   */
  save(batch) {
    const saving = this.#saved.then(() =>
      this.#database.use(async (db) => {
        if (batch.wipe) this.#isBroken = false;
        this.#mustBeWhole();
        await save(db, batch);
      }),
    );
    this.#saved = saving.catch(() => {
      this.#isBroken = true;
    });
    return saving;
  }

  /**
   * What is stored of a part, in seq order; holes are the caller's to notice.
   *
   * @param {string} chat
   * @param {number} first
   * @param {number} last
   * @returns {Promise<Message[]>}
   */
  async read(chat, first, last) {
    await this.#saved;
    return this.#database.use((db) => {
      this.#mustBeWhole();
      return answer(db.transaction('messages').objectStore('messages').getAll(range(chat, first, last)));
    });
  }

  /** @param {string} chat @returns {Promise<Member[] | null>} */
  async members(chat) {
    await this.#saved;
    const held = await this.#database.use((db) => {
      this.#mustBeWhole();
      return answer(db.transaction('members').objectStore('members').get(chat));
    });
    return held?.list ?? null;
  }

  close() {
    this.#database.close();
  }

  #mustBeWhole() {
    if (this.#isBroken) throw new Error('Something before this was not stored.');
  }
}

/** @param {IDBDatabase} db @returns {Promise<Held>} */
async function load(db) {
  const tx = db.transaction(['meta', 'chats', 'contacts']);
  const [meta = null, chats, contacts] = await Promise.all([
    answer(tx.objectStore('meta').get('meta')),
    answer(tx.objectStore('chats').getAll()),
    answer(tx.objectStore('contacts').getAll()),
  ]);
  return { meta, chats, contacts };
}

/** @param {IDBDatabase} db @param {Batch} batch */
async function save(db, batch) {
  const { wipe, meta, chats, contacts, lostContacts, lostChats, members, dropped, messages } = batch;
  const names = ['chats', 'contacts', 'members', 'messages'];
  const tx = db.transaction(['meta', ...names], 'readwrite', { durability: 'relaxed' });
  const store = (/** @type {string} */ name) => tx.objectStore(name);
  if (wipe) {
    store('meta').delete('meta');
    for (const name of names) store(name).clear();
  }
  if (meta) store('meta').put(meta, 'meta');
  for (const chat of chats) store('chats').put(chat);
  for (const id of lostContacts) store('contacts').delete(id);
  for (const contact of contacts) store('contacts').put(contact);
  for (const chat of lostChats) {
    store('chats').delete(chat);
    store('members').delete(chat);
  }
  for (const [chat, list] of members) store('members').put({ chat, list });
  for (const [chat, [first, last]] of dropped) store('messages').delete(range(chat, first, last));
  for (const [chat, message] of messages) store('messages').put({ chat, ...message });
  // Behind all of them: an answer may be among them, and what it said before must not come back.
  for (const [chat, message] of messages) {
    if (isChanged(message)) requote(store('messages'), chat, message);
  }
  await done(tx);
}

/**
 * Stored answers quote what the message says now: words that were taken back go there, too.
 *
 * @param {IDBObjectStore} store
 * @param {string} chat
 * @param {Message} message
 */
function requote(store, chat, message) {
  const asked = store.index('answers').getAll([chat, message.seq]);
  asked.onsuccess = () => {
    for (const one of asked.result) store.put({ ...one, quote: quoteOf(message) });
  };
}
