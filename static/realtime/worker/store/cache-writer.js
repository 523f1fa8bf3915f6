/** @import { Contact, Member, Message } from '../../wire.js' */
/** @import { Batch, Cache, Meta } from './cache.js' */
/** @import { ChatRecord, Changes, Model } from '../model.js' */

import { dropSpan, spanAt } from '../spans.js';
import { StoredCache } from './cache.js';
import { deleteCache } from '../../both/cache-databases.js';
import { MemoryCache } from './memory-cache.js';

/** After so many failures within an hour, storing is given up. */
const MAX_FAILURES = 3;
const HOUR_MS = 3_600_000;

/**
 * @typedef {object} CacheWriterDeps
 * @property {() => [string, Member[]][]} members of all groups that are known
 * @property {() => void} stopped nothing more is stored until the next start: there is no room, or
 *   the browser stores nothing
 */

/** Keeps the model's changes in the cache: everything a frame changed in one transaction. */
export class CacheWriter {
  /** Whether storing was given up. */
  isStopped = false;
  /** Whether this owner stores at all: it leads, and the person is signed in. */
  #isWanted = false;
  #isRecovering = false;
  #failures = 0;
  /** When the last one was (`performance.now`). */
  #failedAt = 0;
  #model;
  #deps;

  /** @param {Model} model @param {CacheWriterDeps} deps */
  constructor(model, deps) {
    this.#model = model;
    this.#deps = deps;
    /** @type {Cache} */
    this.cache = this.#memory();
  }

  /**
   * Use the stored cache from now on, and fill the (empty) model from it. Where the browser stores
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
      // Signed out meanwhile.
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
      console.warn('Nothing is cached in this browser.', error);
    }
  }

  /**
   * Store again after the database was deleted by another tab, or could not be opened. Called while
   * the session is known to live: after a sign-out nothing may come back.
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

  /** Keep nothing, and leave nothing on this device, though another owner has it open. */
  async forget() {
    this.#isWanted = false;
    this.#use(this.#memory());
    await deleteCache(this.#model.person);
  }

  /**
   * @param {Changes} changes
   * @param {[string, Member[]][]} members of the groups whose members changed
   * @returns {Promise<void>} done when all of it is stored
   */
  async save(changes, members) {
    const records = [...changes.records].flatMap((id) => this.#model.chats.get(id) ?? []);
    const people = [...changes.contacts];
    await this.#write({
      wipe: changes.wiped,
      meta: changes.meta ? this.#meta() : null,
      chats: records.map(asNow),
      contacts: changes.wiped ? [...this.#model.contacts.values()] : this.#known(people),
      lostContacts: people.filter((id) => !this.#model.contacts.has(id)),
      lostChats: [...changes.left].filter((id) => !this.#model.chats.has(id)),
      members,
      dropped: [...changes.dropped],
      messages: [...changes.messages].flatMap(([chat, messages]) => this.#held(chat, messages)),
    });
  }

  /**
   * A part of a timeline that came from history.
   *
   * @param {ChatRecord} record
   * @param {Message[]} messages
   */
  async savePage(record, messages) {
    await this.#write({
      ...NOTHING,
      chats: [asNow(record)],
      messages: this.#held(record.id, messages),
    });
  }

  /** @param {Batch} batch */
  async #write(batch) {
    const { wipe, meta, ...lists } = batch;
    const nothing = !wipe && !meta && Object.values(lists).every((list) => !list.length);
    if (nothing) return;
    const { cache } = this;
    try {
      await cache.save(batch);
    } catch (error) {
      if (cache === this.cache && !this.#isRecovering) await this.#failed(error);
    }
  }

  /** @param {unknown} error */
  async #failed(error) {
    console.warn('The cache is not stored.', error);
    const now = performance.now();
    this.#failures = now - this.#failedAt < HOUR_MS ? this.#failures + 1 : 1;
    this.#failedAt = now;
    if (this.#failures < MAX_FAILURES) await this.#storeAll();
    else await this.#stop();
  }

  /**
   * What was not stored leaves a hole: store all anew, without any messages. They are fetched again
   * when somebody looks at them.
   */
  async #storeAll() {
    this.#dropSpans();
    if (this.#model.epoch === null) return;
    this.#isRecovering = true;
    try {
      await this.cache.save(this.#everything());
    } catch (error) {
      console.warn('The cache is not stored anew.', error);
      await this.#stop();
    } finally {
      this.#isRecovering = false;
    }
  }

  /** Nothing more is stored until the next start; the room goes to what is unsent. */
  async #stop() {
    if (!this.#isWanted) return;
    this.isStopped = true;
    this.#use(this.#memory());
    this.#dropSpans();
    this.#deps.stopped();
    await deleteCache(this.#model.person).catch(() => {});
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
    const { epoch, user, me, limits, notifications } = this.#model;
    const [saved, scheduled] = [this.#model.savedMessages(), [...this.#model.scheduled.values()]];
    return { epoch, user, me, limits, notifications, saved, scheduled };
  }

  /** All but messages. @returns {Batch} */
  #everything() {
    const { chats, contacts } = this.#model;
    return {
      ...NOTHING,
      wipe: true,
      meta: this.#meta(),
      chats: [...chats.values()].map(asNow),
      contacts: [...contacts.values()],
      members: this.#deps.members(),
    };
  }

  /** @param {string[]} people @returns {Contact[]} */
  #known(people) {
    return people.flatMap((id) => this.#model.contacts.get(id) ?? []);
  }

  /**
   * Entries outside of what is held would never be found again.
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

/** @type {Batch} */
const NOTHING = {
  wipe: false,
  meta: null,
  chats: [],
  contacts: [],
  lostContacts: [],
  lostChats: [],
  members: [],
  dropped: [],
  messages: [],
};

/** A record as it is now: stored a moment later, it must not tell of later messages. @param
 * {ChatRecord} record @returns {ChatRecord} */
const asNow = (record) => ({ ...record });
