/**
 * The cache: what the server has, too. One disposable database for each person on this browser. Its
 * name contains the layout; another layout is another database, and old ones are deleted.
 *
 * @module
 */

/** @import { Contact, Limits, Me, Member, Message, Note, NotificationSettings, SavedMessage, Scheduled
 *   } from '../../wire.js' */
/** @import { ChatRecord } from '../model.js' */
/** @import { Span } from '../spans.js' */

import { uuid } from '../../both/platform.js';
import { isChanged, quoteOf, unquoted } from '../../both/quotes.js';
import { cacheName, deleteCaches } from '../../both/cache-databases.js';
import { Database, done, result } from '../../both/database.js';

/**
 * @typedef {object} Meta
 * @property {string | null} epoch
 * @property {number} user
 * @property {Me | null} me
 * @property {Limits | null} limits
 * @property {NotificationSettings | null} notifications
 * @property {Note[]} [notes] the release before has none
 * @property {SavedMessage[]} saved
 * @property {Scheduled[]} scheduled
 *
 * @typedef {object} Batch stored as a whole, or not at all
 * @property {boolean} [wipe] delete everything first
 * @property {Meta | null} [meta]
 * @property {ChatRecord[]} [chats]
 * @property {Contact[]} [contacts]
 * @property {string[]} [lostContacts] ids of people
 * @property {string[]} [lostChats] chats to delete with all that is stored of them
 * @property {[string, Member[]][]} [members] of groups
 * @property {[string, Span][]} [dropped] messages to delete, before new ones are stored
 * @property {[string, number][]} [forgotten] chats, and before which seq nothing is kept
 * @property {[string, Message][]} [messages] with the chat of each
 *
 * @typedef {{ meta: Meta | null, chats: ChatRecord[], contacts: Contact[] }} Held
 *
 * @typedef {object} Cache
 * @property {() => Promise<Held>} load
 * @property {(batch: Batch) => Promise<void>} save
 * @property {(chat: string, first: number, last: number) => Promise<Message[]>} read
 * @property {(chat: string, root: number) => Promise<Message[]>} thread what is stored of it, in seq order
 * @property {(chat: string) => Promise<Member[] | null>} members as last stored
 * @property {() => void} close it is not used again
 */

/** Every entry of a chat, or a part of it. @param {string} chat */
const range = (chat, first = 0, last = Number.MAX_SAFE_INTEGER) =>
  IDBKeyRange.bound([chat, first], [chat, last]);

/** @implements {Cache} */
export class StoredCache {
  #database;
  /** An id made with the database: a different one means a different database. @type {string | null} */
  #made = null;
  /**
   * A batch was not stored. Until all is stored again (`wipe`), no other batch is: it would mark
   * entries as held that are missing.
   */
  #isBroken = false;
  /** The batch before: each waits for it. @type {Promise<void>} */
  #saved = Promise.resolve();

  /** @param {string} person @param {() => void} deleted another tab has deleted the database */
  constructor(person, deleted) {
    void deleteCaches(person).catch(() => {});
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
        const made = (await result(db.transaction('meta').objectStore('meta').get('made'))) ?? '';
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
   * Batches are stored in order; a later `read` sees them.
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
   * The stored entries of a part, in seq order; the caller must look for holes.
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
      return result(db.transaction('messages').objectStore('messages').getAll(range(chat, first, last)));
    });
  }

  /**
   * The first message of a thread and its replies, and the replies to those: as many reads as there
   * are replies, however long the chat is.
   *
   * @param {string} chat
   * @param {number} root
   * @returns {Promise<Message[]>}
   */
  async thread(chat, root) {
    await this.#saved;
    return this.#database.use(async (db) => {
      this.#mustBeWhole();
      const store = db.transaction('messages').objectStore('messages');
      const answers = store.index('answers');
      /** @type {Message[]} */
      const found = (await result(store.getAll(range(chat, root, root))));
      for (let last = [root]; last.length; ) {
        const replies = (await Promise.all(last.map((seq) => result(answers.getAll([chat, seq]))))).flat();
        found.push(...replies);
        last = replies.map(({ seq }) => seq);
      }
      return found.sort((a, b) => a.seq - b.seq);
    });
  }

  /** @param {string} chat @returns {Promise<Member[] | null>} */
  async members(chat) {
    await this.#saved;
    const held = await this.#database.use((db) => {
      this.#mustBeWhole();
      return result(db.transaction('members').objectStore('members').get(chat));
    });
    return held?.list ?? null;
  }

  close() {
    this.#database.close();
  }

  #mustBeWhole() {
    if (this.#isBroken) throw new Error('An earlier batch was not stored.');
  }
}

/** @param {IDBDatabase} db @returns {Promise<Held>} */
async function load(db) {
  const tx = db.transaction(['meta', 'chats', 'contacts']);
  const [meta = null, chats, contacts] = await Promise.all([
    result(tx.objectStore('meta').get('meta')),
    result(tx.objectStore('chats').getAll()),
    result(tx.objectStore('contacts').getAll()),
  ]);
  return { meta, chats, contacts };
}

/** @param {IDBDatabase} db @param {Batch} batch */
async function save(db, batch) {
  const { wipe, meta, chats = [], contacts = [], lostContacts = [], lostChats = [] } = batch;
  const { members = [], dropped = [], forgotten = [], messages = [] } = batch;
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
  for (const [chat, from] of forgotten) forget(store('messages'), chat, from);
  for (const [chat, message] of messages) store('messages').put({ chat, ...message });
  // After all messages: a reply may be among them, and its old quote must not come back.
  for (const [chat, message] of messages) requote(store('messages'), chat, message);
  await done(tx);
}

/** @param {IDBObjectStore} store @param {string} chat @param {number} from */
function forget(store, chat, from) {
  store.delete(range(chat, 0, from - 1));
  const asked = store.index('answers').getAll(range(chat, 0, from - 1));
  asked.onsuccess = () => asked.result.forEach((one) => store.put(unquoted(one, from)));
}

/**
 * Stored replies quote the present text of a message: deleted text is deleted there, too, and comes
 * back with a message that moderators restore.
 *
 * @param {IDBObjectStore} store
 * @param {string} chat
 * @param {Message} message
 */
function requote(store, chat, message) {
  const asked = store.index('answers').getAll([chat, message.seq]);
  asked.onsuccess = () => {
    for (const one of asked.result) {
      if (isChanged(message) || one.quote?.deleted) store.put({ ...one, quote: quoteOf(message) });
    }
  };
}
