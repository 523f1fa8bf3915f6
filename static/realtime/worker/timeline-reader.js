/** @import { Message } from '../wire.js' */
/** @import { Query } from './history.js' */
/** @import { ChatRecord } from './model.js' */
/** @import { Target } from './opening.js' */
/** @import { Owner } from './owner.js' */
/** @import { Span } from './spans.js' */

import { zoneOf } from '../both/clock-times.js';
import { continues, newest } from './history.js';
import { fills } from './opening.js';
import { heldAround, spanAt } from './spans.js';

export const PAGE_ROWS = 50;
/** Rows to either side of an opening. */
const OPENING_REACH = 40;

/**
 * Reads the entries of a chat, from the cache or else from the server, one step after the other.
 * Entries that change while a step reads are merged into what it returns.
 */
export class TimelineReader {
  /** The step before. @type {Promise<unknown>} */
  #queue = Promise.resolve();
  /** Entries changed since the present step began; null while none runs. @type {Message[] | null} */
  #changed = null;
  #chat;
  #owner;

  /** @param {string} chat @param {Owner} owner */
  constructor(chat, owner) {
    this.#chat = chat;
    this.#owner = owner;
  }

  /**
   * Run a step after those before it.
   *
   * @template T
   * @param {() => Promise<T>} step
   * @returns {Promise<T>}
   */
  enqueue(step) {
    const result = this.#queue.then(async () => {
      this.#changed = [];
      try {
        return await step();
      } finally {
        this.#changed = null;
      }
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  /** The stream brought these. @param {Message[]} messages */
  noteChanged(messages) {
    this.#changed?.push(...messages);
  }

  /**
   * Entries that should be cached, or null when the cache does not have all of them after all.
   *
   * @param {number} first
   * @param {number} last
   */
  async cached(first, last) {
    const reading = this.#owner.cacheWriter.cache.read(this.#chat, first, last);
    const messages = await reading.catch(() => []);
    const isWhole = messages.length === last - first + 1 && continues(messages);
    return isWhole ? this.#newest(messages) : null;
  }

  /** All entries of a span, from the server. @param {Span} span */
  async span(span) {
    return this.#newest(await this.#owner.history.part(this.#chat, span));
  }

  /**
   * The page before an entry: from the cache as far as it is held, else from the server.
   *
   * @param {ChatRecord} record
   * @param {number} seq
   */
  async before({ spans }, seq) {
    const span = spanAt(spans, seq - 1);
    const held = span && (await this.cached(Math.max(span[0], seq - PAGE_ROWS), seq - 1));
    return held ?? this.#page({ before: seq, limit: PAGE_ROWS });
  }

  /** The page after an entry. @param {ChatRecord} record @param {number} seq */
  async after({ spans }, seq) {
    const span = spanAt(spans, seq + 1);
    const held = span && (await this.cached(seq + 1, Math.min(span[1], seq + PAGE_ROWS)));
    return held ?? this.#page({ after: seq, limit: PAGE_ROWS });
  }

  /**
   * The entries around the place where a timeline opens.
   *
   * @param {ChatRecord} record
   * @param {Target} target
   * @param {() => void} fetching called before the server is asked: that may take a while
   */
  async around({ chat: { last_seq, kept_from = 1 }, spans }, target, fetching) {
    if (last_seq < kept_from) return [];
    if (typeof target === 'object') {
      return this.#page({ on: target.date, tz: zoneOf(this.#owner.model.me), limit: PAGE_ROWS });
    }
    const seq = target === 'end' ? last_seq : Math.min(Math.max(kept_from, target), last_seq);
    const span = heldAround(spans, seq, target === 'end' ? PAGE_ROWS : OPENING_REACH);
    const held = span && (await this.cached(...span));
    if (held && fills(span, { seq, last_seq, kept_from })) return held;
    fetching();
    const query =
      target === 'end' ? { limit: PAGE_ROWS } : { around: seq, limit: 2 * OPENING_REACH };
    // A few rows are better than none, but none at first are better than a few that jump.
    return this.#page(query).catch((error) => held ?? Promise.reject(error));
  }

  /** @param {Query} query */
  async #page(query) {
    return this.#newest(await this.#owner.history.page(this.#chat, query));
  }

  /** @param {Message[]} messages */
  #newest(messages) {
    return newest(messages, this.#changed ?? []);
  }
}
