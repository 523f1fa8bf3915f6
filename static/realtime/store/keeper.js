/** @import { Contact, Member, Message } from '../wire.js' */
/** @import { Batch, Cache } from './cache.js' */
/** @import { ChatRecord, Changes, Model } from '../model.js' */

import { spanAt } from '../spans.js';
import { StoredCache, deleteStored } from './cache.js';
import { MemoryCache } from './memory.js';

/** Keeps the model's changes in the cache: everything a frame changed in one transaction. */
export class Keeper {
  /** @type {Cache} */
  cache = new MemoryCache();
  #model;

  /** @param {Model} model */
  constructor(model) {
    this.#model = model;
  }

  /**
   * Use the stored cache from now on, and fill the (empty) model from it. Where the browser stores
   * nothing, all stays in memory.
   */
  async open() {
    const model = this.#model;
    try {
      const cache = await StoredCache.open(model.person);
      const { meta, chats, contacts } = await cache.load();
      this.cache.close();
      this.cache = cache;
      if (!meta?.epoch) return;
      const { saved, scheduled, ...heads } = meta;
      Object.assign(model, heads);
      model.keeps(saved);
      model.schedules(scheduled);
      for (const record of chats) {
        model.chats.set(record.id, record);
        model.know(record.chat.person, record.chat.sender);
      }
      for (const contact of contacts) {
        model.contacts.set(contact.person.id, contact);
        model.know(contact.person);
      }
    } catch (error) {
      console.warn('Nothing is cached in this browser.', error);
    }
  }

  /** Keep nothing, and leave nothing on this device, though another owner has it open. */
  async forget() {
    this.cache.close();
    this.cache = new MemoryCache();
    await deleteStored(this.#model.person);
  }

  /**
   * @param {Changes} changes
   * @param {[string, Member[]][]} members of the groups whose members changed
   * @returns {Promise<void>} done when all of it is stored
   */
  async save(changes, members) {
    const { epoch, user, me, limits, notifications } = this.#model;
    const [saved, scheduled] = [this.#model.kept(), [...this.#model.scheduled.values()]];
    const records = [...changes.records].flatMap((id) => this.#model.chats.get(id) ?? []);
    const people = [...changes.contacts];
    await this.#write({
      wipe: changes.wiped,
      meta: changes.meta ? { epoch, user, me, limits, notifications, saved, scheduled } : null,
      chats: records,
      contacts: changes.wiped ? [...this.#model.contacts.values()] : this.#known(people),
      lostContacts: people.filter((id) => !this.#model.contacts.has(id)),
      lostChats: [...changes.left].filter((id) => !this.#model.chats.has(id)),
      members,
      voided: [...changes.voided],
      messages: [...changes.messages].flatMap(([chat, messages]) => this.#held(chat, messages)),
    });
  }

  /**
   * A part of a timeline that came from history.
   *
   * @param {ChatRecord} record
   * @param {Message[]} messages
   */
  async keep(record, messages) {
    await this.#write({
      wipe: false,
      meta: null,
      chats: [record],
      contacts: [],
      lostContacts: [],
      lostChats: [],
      members: [],
      voided: [],
      messages: this.#held(record.id, messages),
    });
  }

  /** @param {Batch} batch */
  async #write(batch) {
    const { wipe, meta, ...lists } = batch;
    const nothing = !wipe && !meta && Object.values(lists).every((list) => !list.length);
    if (nothing) return;
    await this.cache.save(batch).catch((error) => console.warn('The cache is not stored.', error));
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
