/** @import { Member } from '../wire.js' */
/** @import { Changes, Model } from './model.js' */
/** @import { Cache } from './store/cache.js' */
/** @import { Http } from '../both/http.js' */

/**
 * @typedef {object} MembersDeps
 * @property {Http} http
 * @property {() => Cache} cache
 * @property {() => Changes} changes where local changes are noted
 */

/**
 * Who is in the groups that were opened, and who was: their words still need a name. Asked for
 * once, then kept by the chat's stream; a gap in that makes it asked for again.
 */
export class Members {
  /** Former ones (`left`) among them. @type {Map<string, Map<string, Member>>} */
  #held = new Map();
  /** As the server has them. @type {Set<string>} */
  #complete = new Set();
  /** What came by the stream while they are asked for. @type {Map<string, Member[]>} */
  #fetching = new Map();
  #model;
  #deps;

  /**
   * @param {Model} model
   * @param {MembersDeps} deps
   */
  constructor(model, deps) {
    this.#model = model;
    this.#deps = deps;
  }

  /** @param {string} chat @returns {Member[] | null} in the order in which they came */
  of(chat) {
    return this.all(chat)?.filter(({ left }) => !left) ?? null;
  }

  /** @param {string} chat @returns {Member[] | null} former ones, too */
  all(chat) {
    const held = this.#held.get(chat);
    return held ? [...held.values()] : null;
  }

  /** Make them known: what is stored at once, what is true when it comes. @param {string} chat */
  async load(chat) {
    if (this.#complete.has(chat) || this.#fetching.has(chat)) return;
    /** @type {Member[]} */
    const meanwhile = [];
    this.#fetching.set(chat, meanwhile);
    try {
      const stored = this.#held.has(chat) ? null : await this.#stored(chat);
      if (stored) this.#set(chat, [...stored, ...meanwhile]);
      const items = await this.#fetch(chat);
      // Forgotten meanwhile (left), or too much was missed: not what is true now.
      if (this.#fetching.get(chat) !== meanwhile) return;
      this.#complete.add(chat);
      this.#set(chat, [...items, ...meanwhile]);
      this.#deps.changes().members.add(chat);
    } finally {
      if (this.#fetching.get(chat) === meanwhile) this.#fetching.delete(chat);
    }
  }

  /**
   * Somebody joined, left, or has another role.
   *
   * @param {string} chat
   * @param {Member} member
   * @param {Changes} changes
   * @returns {boolean} whether they are certainly new
   */
  changed(chat, member, changes) {
    this.#model.addPeople(member.person);
    this.#fetching.get(chat)?.push(member);
    const held = this.#held.get(chat);
    if (!held) return false;
    const before = held.get(member.person.id);
    const joined = this.#complete.has(chat) && !member.left && (before?.left ?? true);
    put(held, member);
    if (this.#complete.has(chat)) this.#count(chat, changes);
    changes.members.add(chat);
    return joined;
  }

  /** Whether their number follows from them. @param {string} chat */
  counted(chat) {
    return this.#complete.has(chat);
  }

  /** Too much was missed. @param {string} chat */
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

  /** From the server: former ones first. @param {string} chat @returns {Promise<Member[]>} */
  async #fetch(chat) {
    /** @type {{ items: Member[], former: Member[] }} */
    const { items, former } = await this.#deps.http.get(`/chats/${chat}/members`);
    return [...former, ...items];
  }

  /** @param {string} chat @returns {Promise<Member[] | null>} */
  async #stored(chat) {
    try {
      return await this.#deps.cache().members(chat);
    } catch {
      return null; // the server has them
    }
  }

  /** @param {string} chat @param {Member[]} list */
  #set(chat, list) {
    /** @type {Map<string, Member>} */
    const held = new Map();
    for (const member of list) put(held, member);
    // Of those who left long ago the server tells no more than their names.
    const { people } = this.#model;
    const news = list.filter(({ left, person }) => !left || !people.has(person.id));
    this.#model.addPeople(...news.map(({ person }) => person));
    this.#held.set(chat, held);
    const changes = this.#deps.changes();
    changes.members.add(chat);
    changes.chats.add(chat);
    if (this.#complete.has(chat)) this.#count(chat, changes);
  }

  /** @param {string} chat @param {Changes} changes */
  #count(chat, changes) {
    const record = this.#model.chats.get(chat);
    const members = this.of(chat)?.length ?? 0;
    if (!record || record.chat.members === members) return;
    record.chat = { ...record.chat, members };
    changes.chat(chat);
  }
}

/** Who comes (back) comes last. @param {Map<string, Member>} held @param {Member} member */
function put(held, member) {
  if (held.get(member.person.id)?.left) held.delete(member.person.id);
  held.set(member.person.id, member);
}
