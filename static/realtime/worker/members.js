/** @import { Member } from '../wire.js' */
/** @import { Changes } from './model.js' */
/** @import { Owner } from './owner.js' */

/**
 * The members of the groups that were opened, and former ones: their messages still need a name.
 * Fetched once, then kept current by the chat's stream; a gap in that makes them fetched again.
 */
export class Members {
  /** Former ones (`left`) among them. @type {Map<string, Map<string, Member>>} */
  #held = new Map();
  /** Chats whose members are as the server has them. @type {Set<string>} */
  #complete = new Set();
  /** Events that came while the members are fetched. @type {Map<string, Member[]>} */
  #fetching = new Map();
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /** @param {string} chat @returns {Member[] | null} in the order in which they joined */
  of(chat) {
    return this.all(chat)?.filter(({ left }) => !left) ?? null;
  }

  /** @param {string} chat @returns {Member[] | null} former ones, too */
  all(chat) {
    const held = this.#held.get(chat);
    return held ? [...held.values()] : null;
  }

  /** Use what is stored at once, and the server's list when it comes. @param {string} chat */
  async load(chat) {
    if (this.#complete.has(chat) || this.#fetching.has(chat)) return;
    /** @type {Member[]} */
    const changed = [];
    this.#fetching.set(chat, changed);
    try {
      const stored = this.#held.has(chat) ? null : await this.#stored(chat);
      if (stored) this.#set(chat, [...stored, ...changed], { isStored: true });
      /** @type {{ items: Member[], former: Member[] }} */
      const { items, former } = await this.#owner.http.get(`/chats/${chat}/members`);
      // Forgotten since (left), or too much was missed: the list may be old.
      if (this.#fetching.get(chat) !== changed) return;
      this.#complete.add(chat);
      this.#set(chat, [...former, ...items, ...changed]);
    } finally {
      if (this.#fetching.get(chat) === changed) this.#fetching.delete(chat);
    }
  }

  /**
   * A member joined, left, or has another role.
   *
   * @param {string} chat
   * @param {Member} member
   * @param {Changes} changes
   * @returns {boolean} whether they are certainly new
   */
  changed(chat, member, changes) {
    this.#owner.model.addPeople(member.person);
    this.#fetching.get(chat)?.push(member);
    const held = this.#held.get(chat);
    if (!held) return false;
    const before = held.get(member.person.id);
    const joined = this.#complete.has(chat) && !member.left && (before?.left ?? true);
    put(held, member);
    this.#count(chat, changes);
    changes.members.add(chat);
    return joined;
  }

  /** Whether the number of members follows from this list. @param {string} chat */
  counted(chat) {
    return this.#complete.has(chat);
  }

  /** Events were missed. @param {string} chat */
  stale(chat) {
    this.#complete.delete(chat);
    this.#fetching.delete(chat);
  }

  /** @param {string} chat */
  forget(chat) {
    this.stale(chat);
    this.#held.delete(chat);
  }

  /** Everything held was dropped. */
  clear() {
    for (const map of [this.#held, this.#complete, this.#fetching]) map.clear();
  }

  /** @param {string} chat @returns {Promise<Member[] | null>} */
  async #stored(chat) {
    try {
      return await this.#owner.cacheWriter.cache.members(chat);
    } catch {
      return null; // the server has them
    }
  }

  /**
   * @param {string} chat
   * @param {Member[]} list
   * @param {object} [options]
   * @param {boolean} [options.isStored] it may be older than what is known of these people
   */
  #set(chat, list, { isStored = false } = {}) {
    /** @type {Map<string, Member>} */
    const held = new Map();
    for (const member of list) put(held, member);
    const { model, changes } = this.#owner;
    const news = list.filter(({ left, person }) => {
      const known = model.people.get(person.id);
      // Without a username the account is deleted: an older name must not come back.
      if (!person.username || !known) return true;
      // Of former members the server sends only the names: what is known of them stays.
      return !left && !(isStored && !known.username);
    });
    model.addPeople(...news.map(({ person }) => person));
    this.#held.set(chat, held);
    const local = changes.local();
    local.members.add(chat);
    local.chats.add(chat);
    this.#count(chat, local);
  }

  /** @param {string} chat @param {Changes} changes */
  #count(chat, changes) {
    const record = this.#owner.model.chats.get(chat);
    const members = this.of(chat)?.length ?? 0;
    if (!this.#complete.has(chat) || !record || record.chat.members === members) return;
    record.chat = { ...record.chat, members };
    changes.chat(chat);
  }
}

/** A member who comes back comes last. @param {Map<string, Member>} held @param {Member} member */
function put(held, member) {
  if (held.get(member.person.id)?.left) held.delete(member.person.id);
  held.set(member.person.id, member);
}
