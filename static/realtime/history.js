/**
 * Parts of timelines that are not held, over HTTP.
 *
 * @module
 */

/** @import { Message } from './wire.js' */
/** @import { ChatRecord, Model } from './model.js' */
/** @import { Http } from './http.js' */
/** @import { Span } from './spans.js' */

import { ParleyError } from './failure.js';
import { WHOLE, addSpan } from './spans.js';

const TRIES = 3;

/** @typedef {{ items: Message[], last_seq: number, rev: number }} Page */

/**
 * What happened to a chat while a page of it was on its way.
 *
 * @typedef {{ messages: Message[], voided: boolean }} Meanwhile
 */

/**
 * @typedef {object} Way
 * @property {(record: ChatRecord, messages: Message[]) => void} keep stores a held part
 * @property {(record: ChatRecord, messages: Message[]) => void} healed a dropped part is here again
 */

/** @typedef {{ before?: number, after?: number, around?: number, on?: string, tz?: string,
 *   limit: number }} Query */

export class History {
  /** Pages on their way, by chat. @type {Map<string, Set<Meanwhile>>} */
  #meanwhile = new Map();
  /** Dropped parts that could not be fetched. @type {[string, Span][]} */
  #missing = [];
  #http;
  #model;
  #way;

  /**
   * @param {Http} http
   * @param {Model} model
   * @param {Way} way
   */
  constructor(http, model, way) {
    this.#http = http;
    this.#model = model;
    this.#way = way;
  }

  /**
   * The stream brought these: pages now on their way may be older.
   *
   * @param {string} chat
   * @param {Message[]} messages
   */
  overtake(chat, messages) {
    for (const meanwhile of this.#meanwhile.get(chat) ?? []) meanwhile.messages.push(...messages);
  }

  /** Everything held was dropped, of one chat or of all. @param {string | null} chat */
  void(chat) {
    const all = chat === null ? [...this.#meanwhile.values()] : [this.#meanwhile.get(chat) ?? []];
    for (const meanwhile of all.flatMap((pages) => [...pages])) meanwhile.voided = true;
  }

  /**
   * A contiguous part of a chat, held from now on.
   *
   * @param {string} chat
   * @param {Query} query
   * @returns {Promise<Message[]>} in seq order
   * @throws {ParleyError}
   */
  async page(chat, query) {
    for (let tries = 0; tries < TRIES; tries += 1) {
      /** @type {Meanwhile} */
      const meanwhile = { messages: [], voided: false };
      const page = await this.#fetch(chat, query, meanwhile);
      if (!continues(page.items)) throw new ParleyError('failed', 'A page with holes.');
      const record = this.#model.chats.get(chat);
      if (!record) throw new ParleyError('not_found');
      // The stream has jumped while the page was coming: the page may be older than that.
      if (meanwhile.voided && page.rev < record.cursor) continue;
      return this.#hold(record, newest(page.items, meanwhile.messages));
    }
    throw new ParleyError('unavailable');
  }

  /**
   * Hold again what was dropped, also when nobody looks at it: it is there offline, then.
   *
   * @param {Iterable<[string, Span]>} parts those without an end were left behind, and are not
   *   fetched before somebody comes by
   */
  async heal(parts) {
    for (const [chat, [first, last]] of parts) {
      if (last !== WHOLE[1]) await this.#heal(chat, first, last);
    }
  }

  /** The line is back: heal what could not be healed. */
  mend() {
    return this.heal(this.#missing.splice(0));
  }

  /** Page by page: the server gives as many entries as it likes. @param {string} chat
   * @param {number} first @param {number} last */
  async #heal(chat, first, last) {
    try {
      while (first <= last) {
        const messages = await this.page(chat, { after: first - 1, limit: last - first + 1 });
        const record = this.#model.chats.get(chat);
        if (!record || !messages.length) return;
        this.#way.healed(record, messages);
        first = messages[messages.length - 1].seq + 1;
      }
    } catch (error) {
      const { passing } = ParleyError.from(ParleyError.plain(error));
      if (passing) this.#missing.push([chat, [first, last]]);
    }
  }

  /** @param {string} chat @param {Query} query @param {Meanwhile} meanwhile */
  async #fetch(chat, query, meanwhile) {
    const lists = this.#meanwhile.get(chat) ?? new Set();
    this.#meanwhile.set(chat, lists.add(meanwhile));
    try {
      /** @type {Page} */
      const page = await this.#http.get(`/chats/${chat}/messages`, query);
      return page;
    } finally {
      lists.delete(meanwhile);
    }
  }

  /** @param {ChatRecord} record @param {Message[]} messages */
  #hold(record, messages) {
    const [first, last] = [messages[0], messages.at(-1)];
    if (first && last) {
      record.spans = addSpan(record.spans, [first.seq, last.seq]);
      this.#way.keep(record, messages);
    }
    return messages;
  }
}

/** Whether each message follows the one before. @param {Message[]} messages */
export const continues = (messages) =>
  messages.every((message, index) => index === 0 || message.seq === messages[index - 1].seq + 1);

/**
 * A page with what overtook it: of each entry the newer state.
 *
 * @param {Message[]} page
 * @param {Message[]} meanwhile
 */
export function newest(page, meanwhile) {
  const later = new Map(meanwhile.map((message) => [message.seq, message]));
  return page.map((message) => {
    const other = later.get(message.seq);
    return other && other.rev > message.rev ? other : message;
  });
}
