/** @import { Member, Message } from '../../wire.js' */
/** @import { Span } from '../spans.js' */
/** @import { Batch, Cache, Held } from './cache.js' */

import { isChanged, quoteOf, unquoted } from '../../both/quotes.js';
import { meet } from '../spans.js';

/** Of all chats together; about 5 MB. */
const MAX_MESSAGES = 5000;

/**
 * A cache in memory: for an owner that does not lead (the leader, in another release or in another
 * tab without SharedWorker, writes the stored one), and for browsers that store nothing. It drops
 * messages of the chats that were written to longest ago.
 *
 * @implements {Cache}
 */
export class MemoryCache {
  /** The chat written to last comes last. @type {Map<string, Map<number, Message>>} */
  #chats = new Map();
  /** @type {Map<string, Member[]>} */
  #members = new Map();
  #dropped;

  /** @param {(chat: string, span: Span) => void} dropped these messages are no longer held */
  constructor(dropped) {
    this.#dropped = dropped;
  }

  /** @returns {Promise<Held>} */
  async load() {
    return { meta: null, chats: [], contacts: [] };
  }

  /** @param {Batch} batch */
  async save({ wipe, lostChats = [], members = [], dropped = [], forgotten = [], messages = [] }) {
    if (wipe) this.#chats.clear();
    for (const chat of lostChats) this.#members.delete(chat);
    for (const [chat, span] of dropped) {
      const held = this.#chats.get(chat) ?? new Map();
      for (const seq of held.keys()) if (meet(span, [seq, seq])) held.delete(seq);
      if (!held.size) this.#chats.delete(chat);
    }
    for (const [chat, from] of forgotten) {
      const held = this.#chats.get(chat) ?? new Map();
      for (const [seq, one] of held) seq < from ? held.delete(seq) : held.set(seq, unquoted(one, from));
    }
    for (const [chat, list] of members) this.#members.set(chat, list);
    for (const [chat, message] of messages) {
      const held = this.#chats.get(chat) ?? new Map();
      const wasDeleted = held.get(message.seq)?.deleted;
      held.set(message.seq, message);
      this.#chats.delete(chat);
      this.#chats.set(chat, held);
      if (!isChanged(message) && !wasDeleted) continue;
      for (const answer of held.values()) {
        if (answer.reply_to !== message.seq) continue;
        held.set(answer.seq, { ...answer, quote: quoteOf(message) });
      }
    }
    this.#evict();
  }

  #evict() {
    let over = -MAX_MESSAGES;
    for (const held of this.#chats.values()) over += held.size;
    // A tenth more, so that not every message evicts some.
    if (over > 0) over += MAX_MESSAGES / 10;
    for (const [chat, held] of this.#chats) {
      if (over <= 0) return;
      const oldest = [...held.keys()].sort((a, b) => a - b).slice(0, over);
      for (const seq of oldest) held.delete(seq);
      if (!held.size) this.#chats.delete(chat);
      over -= oldest.length;
      this.#dropped(chat, [0, oldest[oldest.length - 1] ?? 0]);
    }
  }

  /**
   * @param {string} chat
   * @param {number} first
   * @param {number} last
   * @returns {Promise<Message[]>}
   */
  async read(chat, first, last) {
    const held = this.#chats.get(chat);
    /** @type {Message[]} */
    const found = [];
    for (let seq = first; held && seq <= last; seq += 1) {
      const message = held.get(seq);
      if (message) found.push(message);
    }
    return found;
  }

  /** @param {string} chat @param {number} root @returns {Promise<Message[]>} */
  async thread(chat, root) {
    const held = [...(this.#chats.get(chat)?.values() ?? [])];
    return held.filter(({ seq, thread }) => seq === root || thread === root).sort((a, b) => a.seq - b.seq);
  }

  /** @param {string} chat */
  async members(chat) {
    return this.#members.get(chat) ?? null;
  }

  close() {
    this.#chats.clear();
  }
}
