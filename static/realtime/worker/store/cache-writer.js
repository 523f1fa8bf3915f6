/** @import { Contact, Member, Message } from '../../wire.js' */
/** @import { Batch, Cache, Meta } from './cache.js' */
/** @import { ChatRecord, Changes } from '../model.js' */
/** @import { Owner } from '../owner.js' */

import { dropSpan, spanAt } from '../spans.js';
import { StoredCache } from './cache.js';
import { deleteCache } from '../../both/cache-databases.js';
import { MemoryCache } from './memory-cache.js';

/** After so many failures within an hour, the owner stops storing. */
const MAX_FAILURES = 3;
const HOUR_MS = 3_600_000;
/** The person is told then, whether the space is free or not. */
const DELETE_TIMEOUT_MS = 2000;

/** Writes the model's changes to the cache: all changes of a frame in one transaction. */
export class CacheWriter {
  /** Whether it stopped storing until the next start. */
  isStopped = false;
  /** Whether this owner stores at all: it leads, and the person is signed in. */
  #isWanted = false;
  #isRecovering = false;
  #failures = 0;
  /** When the last failure was (`performance.now`). */
  #failedAt = 0;
  #model;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#model = owner.model;
    /** @type {Cache} */
    this.cache = this.#memory();
  }

  /**
   * Use the stored cache from now on, and fill the empty model from it. Where the browser stores
   * nothing, all stays in memory.
   */
  async open() {
    this.#isWanted = true;
    this.isStopped = false;
    this.#failures = 0;
    const model = this.#model;
    const cache = this.#stored();
    try {
      const { meta, chats, contacts } = await cache.load();
      // Signed out during the load.
      if (!this.#isWanted) return cache.close();
      this.#use(cache);
      if (!meta?.epoch) return;
      const { saved, scheduled, ...heads } = meta;
      Object.assign(model, heads);
      model.setSaved(saved);
      model.setScheduled(scheduled);
      for (const record of chats) {
        model.chats.set(record.id, record);
        model.addPeople(record.chat.person, record.chat.sender);
      }
      for (const contact of contacts) {
        model.contacts.set(contact.person.id, contact);
        model.addPeople(contact.person);
      }
    } catch (error) {
      cache.close();
      console.warn('The cache cannot be read.', error);
    }
  }

  /**
   * Store again after another tab deleted the database, or it could not be opened. Called only while
   * the session is known to live: after a sign-out nothing may be stored.
   */
  async reopen() {
    if (!this.#isWanted || this.isStopped || !(this.cache instanceof MemoryCache)) return;
    this.#use(this.#stored());
    await this.#storeAll();
  }

  /** Another owner stores from now on. */
  stopLeading() {
    this.#isWanted = false;
    this.#use(this.#memory());
    this.#dropSpans();
  }

  /** Delete the cache from this device, even if another owner has it open. */
  async forget() {
    this.#isWanted = false;
    this.#use(this.#memory());
    await deleteCache(this.#model.person);
  }

  /**
   * @param {Changes} changes
   * @param {[string, Member[]][]} members of the groups whose members changed
   * @returns {Promise<void>} when all of it is stored
   */
  async save(changes, members) {
    const records = [...changes.records].flatMap((id) => this.#model.chats.get(id) ?? []);
    const people = [...changes.contacts];
    await this.#write({
      wipe: changes.wiped,
      meta: changes.meta ? this.#meta() : null,
      chats: records.map(copyOf),
      contacts: changes.wiped ? [...this.#model.contacts.values()] : this.#known(people),
      lostContacts: people.filter((id) => !this.#model.contacts.has(id)),
      lostChats: [...changes.left].filter((id) => !this.#model.chats.has(id)),
      members,
      dropped: [...changes.dropped],
      forgotten: [...changes.forgotten],
      messages: [...changes.messages].flatMap(([chat, messages]) => this.#held(chat, messages)),
    });
  }

  /**
   * Store a page of a timeline that came from history.
   *
   * @param {ChatRecord} record
   * @param {Message[]} messages
   */
  async savePage(record, messages) {
    await this.#write({
      chats: [copyOf(record)],
      messages: this.#held(record.id, messages),
    });
  }

  /** @param {Batch} batch */
  async #write(batch) {
    const parts = /** @type {any[]} */ (Object.values(batch));
    if (parts.every((part) => !part || part.length === 0)) return;
    const { cache } = this;
    try {
      await cache.save(batch);
    } catch (error) {
      if (cache === this.cache && !this.#isRecovering) await this.#failed(error);
    }
  }

  /** @param {unknown} error */
  async #failed(error) {
    console.warn('The cache cannot be stored.', error);
    const now = performance.now();
    this.#failures = now - this.#failedAt < HOUR_MS ? this.#failures + 1 : 1;
    this.#failedAt = now;
    if (this.#failures < MAX_FAILURES) await this.#storeAll();
    else await this.#stop();
  }

  /**
   * A batch that was not stored leaves a hole: store all again, without messages. They are fetched
   * again when a tab shows them.
   */
  async #storeAll() {
    this.#dropSpans();
    if (this.#model.epoch === null) return;
    this.#isRecovering = true;
    try {
      await this.cache.save(this.#everything());
    } catch (error) {
      console.warn('The cache cannot be stored again.', error);
      await this.#stop();
    } finally {
      this.#isRecovering = false;
    }
  }

  /** Store nothing until the next start: the space is for unsent messages. */
  async #stop() {
    if (!this.#isWanted) return;
    this.isStopped = true;
    this.#use(this.#memory());
    this.#dropSpans();
    const deleted = deleteCache(this.#model.person).catch(() => {});
    // A tab of another release may block it.
    await Promise.race([deleted, new Promise((resolve) => setTimeout(resolve, DELETE_TIMEOUT_MS))]);
    this.#owner.pushConnection();
  }

  /** @param {Cache} cache */
  #use(cache) {
    this.cache.close();
    this.cache = cache;
  }

  #stored() {
    const cache = new StoredCache(this.#model.person, () => {
      if (cache !== this.cache) return;
      this.#use(this.#memory());
      this.#dropSpans();
    });
    return cache;
  }

  #memory() {
    return new MemoryCache((chat, span) => {
      const record = this.#model.chats.get(chat);
      if (record) record.spans = dropSpan(record.spans, span);
    });
  }

  #dropSpans() {
    for (const record of this.#model.chats.values()) record.spans = [];
  }

  /** @returns {Meta} */
  #meta() {
    const { epoch, user, me, limits, notifications, notes } = this.#model;
    const [saved, scheduled] = [this.#model.savedMessages(), [...this.#model.scheduled.values()]];
    return { epoch, user, me, limits, notifications, notes, saved, scheduled };
  }

  /** All but messages. @returns {Batch} */
  #everything() {
    const { chats, contacts } = this.#model;
    return {
      wipe: true,
      meta: this.#meta(),
      chats: [...chats.values()].map(copyOf),
      contacts: [...contacts.values()],
      members: this.#owner.changes.storedMembers(chats.keys()),
    };
  }

  /** @param {string[]} people @returns {Contact[]} */
  #known(people) {
    return people.flatMap((id) => this.#model.contacts.get(id) ?? []);
  }

  /**
   * The messages in held spans: others would never be found again.
   *
   * @param {string} chat
   * @param {Message[]} messages
   * @returns {[string, Message][]}
   */
  #held(chat, messages) {
    const spans = this.#model.chats.get(chat)?.spans ?? [];
    return messages.filter(({ seq }) => spanAt(spans, seq)).map((message) => [chat, message]);
  }
}

/** A copy of a record: it is stored a moment later, and must not mention later messages. @param
 * {ChatRecord} record @returns {ChatRecord} */
const copyOf = (record) => ({ ...record });
