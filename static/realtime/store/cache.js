/**
 * What can be had from the server again: one disposable database for each person on this browser.
 * The name carries the layout's version; another layout is another database, and the old ones go.
 *
 * @module
 */

/** @import { IDBPDatabase, IDBPObjectStore } from '../../vendor/idb/idb.js' */
/** @import { Contact, Limits, Me, Member, Message, NotificationSettings, SavedMessage, Scheduled
 *   } from '../wire.js' */
/** @import { ChatRecord } from '../model.js' */
/** @import { Span } from '../spans.js' */

import { deleteDB, openDB } from '../../vendor/idb/idb.js';
import { isChanged, quoteOf } from '../quotes.js';

const LAYOUT = 4;

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
 * @property {[string, Span][]} voided what goes of the messages of chats, before the new ones come
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

/** @param {string} person */
const nameOf = (person) => `parley-cache-${LAYOUT}-${person}`;

/** Every entry of a chat, or a part of it. @param {string} chat */
const range = (chat, first = 0, last = Number.MAX_SAFE_INTEGER) =>
  IDBKeyRange.bound([chat, first], [chat, last]);

/** Nothing of a person stays, whoever has it open (`blocking`). @param {string} person */
export const deleteStored = (person) => deleteDB(nameOf(person));

/** @implements {Cache} */
export class StoredCache {
  #db;

  /** @param {IDBPDatabase} db */
  constructor(db) {
    this.#db = db;
  }

  /** @param {string} person @returns {Promise<StoredCache>} */
  static async open(person) {
    for (let layout = 1; layout < LAYOUT; layout += 1) {
      void deleteDB(`parley-cache-${layout}-${person}`);
    }
    const db = await openDB(nameOf(person), 1, {
      upgrade(fresh) {
        fresh.createObjectStore('meta');
        fresh.createObjectStore('chats', { keyPath: 'id' });
        fresh.createObjectStore('contacts', { keyPath: 'person.id' });
        fresh.createObjectStore('members', { keyPath: 'chat' });
        const messages = fresh.createObjectStore('messages', { keyPath: ['chat', 'seq'] });
        messages.createIndex('answers', ['chat', 'reply_to']);
      },
      // Another tab deletes the database (signing out): do not stand in its way.
      blocking: (_current, _wanted, event) => /** @type {IDBDatabase} */ (event.target).close(),
    });
    return new StoredCache(db);
  }

  /** @returns {Promise<Held>} */
  async load() {
    const tx = this.#db.transaction(['meta', 'chats', 'contacts']);
    const [meta = null, chats, contacts] = await Promise.all([
      tx.objectStore('meta').get('meta'),
      tx.objectStore('chats').getAll(),
      tx.objectStore('contacts').getAll(),
    ]);
    return { meta, chats, contacts };
  }

  /**
   * The transaction is created before this returns, so a `read` asked for later sees the batch.
   *
   * @param {Batch} batch
   */
  async save({ wipe, meta, chats, contacts, lostContacts, lostChats, members, voided, messages }) {
    const names = ['meta', 'chats', 'contacts', 'members', 'messages'];
    const tx = this.#db.transaction(names, 'readwrite', { durability: 'relaxed' });
    /** @type {Promise<unknown>[]} */
    const work = [];
    if (wipe) work.push(...names.map((name) => tx.objectStore(name).clear()));
    if (meta) work.push(tx.objectStore('meta').put(meta, 'meta'));
    for (const chat of chats) work.push(tx.objectStore('chats').put(chat));
    for (const id of lostContacts) work.push(tx.objectStore('contacts').delete(id));
    for (const contact of contacts) work.push(tx.objectStore('contacts').put(contact));
    for (const chat of lostChats) {
      for (const name of ['chats', 'members']) work.push(tx.objectStore(name).delete(chat));
    }
    for (const [chat, list] of members) work.push(tx.objectStore('members').put({ chat, list }));
    const store = tx.objectStore('messages');
    for (const [chat, [first, last]] of voided) {
      work.push(store.delete(range(chat, first, last)));
    }
    for (const [chat, message] of messages) work.push(store.put({ chat, ...message }));
    // Behind all of them: an answer may be among them, and what it said before must not come back.
    for (const [chat, message] of messages) {
      if (isChanged(message)) work.push(requote(store, chat, message));
    }
    await Promise.all([...work, tx.done]);
  }

  /**
   * What is stored of a part, in seq order; holes are the caller's to notice.
   *
   * @param {string} chat
   * @param {number} first
   * @param {number} last
   * @returns {Promise<Message[]>}
   */
  read(chat, first, last) {
    return this.#db.getAll('messages', range(chat, first, last));
  }

  /** @param {string} chat @returns {Promise<Member[] | null>} */
  async members(chat) {
    const held = await this.#db.get('members', chat);
    return held?.list ?? null;
  }

  close() {
    this.#db.close();
  }
}

/**
 * Stored answers quote what the message says now: words that were taken back go there, too.
 *
 * @param {IDBPObjectStore<any, any, any, any>} store
 * @param {string} chat
 * @param {Message} message
 */
async function requote(store, chat, message) {
  const answers = await store.index('answers').getAll([chat, message.seq]);
  await Promise.all(answers.map((answer) => store.put?.({ ...answer, quote: quoteOf(message) })));
}
