/**
 * Parts of timelines that are not held, over HTTP.
 *
 * @module
 */

/** @import { Message } from '../wire.js' */
/** @import { ChatRecord } from './model.js' */
/** @import { Owner } from './owner.js' */
/** @import { Span } from './spans.js' */

import { ParleyError } from '../both/failure.js';
import { WHOLE, addSpan } from './spans.js';

const MAX_ATTEMPTS = 3;

/** @typedef {{ items: Message[], last_seq: number, rev: number }} Page */

/**
 * What happened to a chat while a page of it was requested: entries that changed, and whether
 * what was held was dropped.
 *
 * @typedef {{ messages: Message[], isDropped: boolean }} PageInFlight
 */

/** @typedef {{ before?: number, after?: number, around?: number, on?: string, tz?: string,
 *   limit: number }} Query */

export class History {
  /** Requested pages, by chat. @type {Map<string, Set<PageInFlight>>} */
  #inFlight = new Map();
  /** Dropped parts that could not be fetched. @type {[string, Span][]} */
  #missing = [];
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * The stream brought these entries: pages requested now may be older.
   *
   * @param {string} chat
   * @param {Message[]} messages
   */
  noteChanged(chat, messages) {
    for (const page of this.#inFlight.get(chat) ?? []) page.messages.push(...messages);
  }

  /** Everything held was dropped, of one chat or of all. @param {string | null} chat */
  markDropped(chat) {
    const all = chat === null ? [...this.#inFlight.values()] : [this.#inFlight.get(chat) ?? []];
    for (const page of all.flatMap((pages) => [...pages])) page.isDropped = true;
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
    const { http, model } = this.#owner;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const messages = await this.#whileInFlight(chat, async (page) => {
        /** @type {Page} */
        const { items, rev } = await http.get(`/chats/${chat}/messages`, query);
        if (!continues(items)) throw new ParleyError('failed', 'A page with holes.');
        const record = model.chats.get(chat);
        if (!record) throw new ParleyError('not_found');
        // After a gap in the stream the page may be older than what follows the gap.
        if (page.isDropped && rev < record.cursor) return null;
        return this.#hold(record, newest(items, page.messages));
      });
      if (messages) return messages;
    }
    throw new ParleyError('unavailable');
  }

  /**
   * Fetch dropped parts again, also those that no tab shows: they must be there offline, too.
   *
   * @param {Iterable<[string, Span]>} parts one without an end was left behind, and is not fetched
   *   before a tab shows it
   */
  async heal(parts) {
    for (const [chat, span] of parts) {
      if (span[1] !== WHOLE[1]) await this.#heal(chat, span);
    }
  }

  /** The connection is back: heal what could not be healed. */
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
    return this.#whileInFlight(chat, async (part) => {
      /** @type {Message[]} */
      const all = [];
      while (first <= last) {
        const some = await this.page(chat, { after: first - 1, limit: last - first + 1 });
        if (!some.length) break;
        all.push(...some);
        first = some[some.length - 1].seq + 1;
      }
      return newest(all, part.messages);
    });
  }

  /** @param {string} chat @param {Span} span */
  async #heal(chat, span) {
    const { model, sync, changes } = this.#owner;
    try {
      const messages = await this.part(chat, span);
      const record = model.chats.get(chat);
      if (record) sync.chats.replaceEntries(record, messages, changes.local());
    } catch (error) {
      const { passing } = ParleyError.from(ParleyError.plain(error));
      if (passing) this.#missing.push([chat, span]);
    }
  }

  /**
   * @template Result
   * @param {string} chat
   * @param {(page: PageInFlight) => Promise<Result>} work
   */
  async #whileInFlight(chat, work) {
    /** @type {PageInFlight} */
    const page = { messages: [], isDropped: false };
    const pages = this.#inFlight.get(chat) ?? new Set();
    this.#inFlight.set(chat, pages.add(page));
    try {
      return await work(page);
    } finally {
      pages.delete(page);
    }
  }

  /** @param {ChatRecord} record @param {Message[]} messages */
  #hold(record, messages) {
    const [first, last] = [messages[0], messages.at(-1)];
    if (first && last) {
      record.spans = addSpan(record.spans, [first.seq, last.seq]);
      void this.#owner.cacheWriter.savePage(record, messages);
    }
    return messages;
  }
}

/** Whether each message follows the one before. @param {Message[]} messages */
export const continues = (messages) =>
  messages.every((message, index) => index === 0 || message.seq === messages[index - 1].seq + 1);

/**
 * A page with the entries that changed while it was requested: of each the newer state.
 *
 * @param {Message[]} page
 * @param {Message[]} changed
 */
export function newest(page, changed) {
  const later = new Map(changed.map((message) => [message.seq, message]));
  return page.map((message) => {
    const other = later.get(message.seq);
    return other && other.rev > message.rev ? other : message;
  });
}
