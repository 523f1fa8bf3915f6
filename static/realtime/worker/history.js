/**
 * Parts of timelines that are not held, over HTTP.
 *
 * @module
 */

/** @import { Message } from '../wire.js' */
/** @import { ChatRecord, Model } from './model.js' */
/** @import { Http } from '../both/http.js' */
/** @import { Span } from './spans.js' */

import { ParleyError } from '../both/failure.js';
import { WHOLE, addSpan } from './spans.js';

const MAX_ATTEMPTS = 3;

/** @typedef {{ items: Message[], last_seq: number, rev: number }} Page */

/**
 * What happened to a chat while a page of it was on its way.
 *
 * @typedef {{ messages: Message[], isDropped: boolean }} PageInFlight
 */

/**
 * @typedef {object} HistoryDeps
 * @property {(record: ChatRecord, messages: Message[]) => void} store stores a held part
 * @property {(record: ChatRecord, messages: Message[]) => void} healed a dropped part is here again
 */

/** @typedef {{ before?: number, after?: number, around?: number, on?: string, tz?: string,
 *   limit: number }} Query */

export class History {
  /** Pages and parts on their way, by chat. @type {Map<string, Set<PageInFlight>>} */
  #inFlight = new Map();
  /** Dropped parts that could not be fetched. @type {[string, Span][]} */
  #missing = [];
  #http;
  #model;
  #deps;

  /**
   * @param {Http} http
   * @param {Model} model
   * @param {HistoryDeps} deps
   */
  constructor(http, model, deps) {
    this.#http = http;
    this.#model = model;
    this.#deps = deps;
  }

  /**
   * The stream brought these: pages now on their way may be older.
   *
   * @param {string} chat
   * @param {Message[]} messages
   */
  noteChanged(chat, messages) {
    for (const meanwhile of this.#inFlight.get(chat) ?? []) meanwhile.messages.push(...messages);
  }

  /** Everything held was dropped, of one chat or of all. @param {string | null} chat */
  markDropped(chat) {
    const all = chat === null ? [...this.#inFlight.values()] : [this.#inFlight.get(chat) ?? []];
    for (const meanwhile of all.flatMap((pages) => [...pages])) meanwhile.isDropped = true;
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
    for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
      const messages = await this.#whileInFlight(chat, async (meanwhile) => {
        /** @type {Page} */
        const { items, rev } = await this.#http.get(`/chats/${chat}/messages`, query);
        if (!continues(items)) throw new ParleyError('failed', 'A page with holes.');
        const record = this.#model.chats.get(chat);
        if (!record) throw new ParleyError('not_found');
        // The stream has jumped while the page was coming: the page may be older than that.
        if (meanwhile.isDropped && rev < record.cursor) return null;
        return this.#hold(record, newest(items, meanwhile.messages));
      });
      if (messages) return messages;
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
    for (const [chat, span] of parts) {
      if (span[1] !== WHOLE[1]) await this.#heal(chat, span);
    }
  }

  /** The line is back: heal what could not be healed. */
  healMissing() {
    return this.heal(this.#missing.splice(0));
  }

  /**
   * A part of a chat as a whole, in as many pages as the server makes of it.
   *
   * @param {string} chat
   * @param {Span} span
   * @returns {Promise<Message[]>} fewer where there are fewer
   * @throws {ParleyError}
   */
  part(chat, [first, last]) {
    return this.#whileInFlight(chat, async (meanwhile) => {
      /** @type {Message[]} */
      const all = [];
      while (first <= last) {
        const some = await this.page(chat, { after: first - 1, limit: last - first + 1 });
        if (!some.length) break;
        all.push(...some);
        first = some[some.length - 1].seq + 1;
      }
      return newest(all, meanwhile.messages);
    });
  }

  /** @param {string} chat @param {Span} span */
  async #heal(chat, span) {
    try {
      const messages = await this.part(chat, span);
      const record = this.#model.chats.get(chat);
      if (record) this.#deps.healed(record, messages);
    } catch (error) {
      const { passing } = ParleyError.from(ParleyError.plain(error));
      if (passing) this.#missing.push([chat, span]);
    }
  }

  /**
   * @template Result
   * @param {string} chat
   * @param {(meanwhile: PageInFlight) => Promise<Result>} work
   */
  async #whileInFlight(chat, work) {
    /** @type {PageInFlight} */
    const meanwhile = { messages: [], isDropped: false };
    const lists = this.#inFlight.get(chat) ?? new Set();
    this.#inFlight.set(chat, lists.add(meanwhile));
    try {
      return await work(meanwhile);
    } finally {
      lists.delete(meanwhile);
    }
  }

  /** @param {ChatRecord} record @param {Message[]} messages */
  #hold(record, messages) {
    const [first, last] = [messages[0], messages.at(-1)];
    if (first && last) {
      record.spans = addSpan(record.spans, [first.seq, last.seq]);
      this.#deps.store(record, messages);
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
