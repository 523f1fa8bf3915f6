/**
 * What is known of a thread, without DOM: its first message and pages of replies, what came or changed
 * since they were fetched, and own replies that are not sent.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */

import { quoteOf } from '../realtime/both/quotes.js';

/** @typedef {Row & { seq: number }} SentRow */

export class ThreadReplies {
  /** Of the next page; null: there is none. @type {string | null} */
  next = null;
  #root;
  /** @type {Row | null} */
  #first = null;
  /** @type {Row[]} */
  #fetched = [];
  /** Messages of the thread that came or changed since they were fetched, by seq. @type {Map<number, SentRow>} */
  #changed = new Map();
  /** Those since the last request. @type {Map<number, SentRow>} */
  #since = new Map();

  /** @param {number} root seq of the first message */
  constructor(root) {
    this.#root = root;
  }

  /** Its first message as it is now; null while it is not known. */
  get first() {
    return this.#first && this.#current(this.#first);
  }

  /** How many replies were fetched. */
  get fetched() {
    return this.#fetched.length;
  }

  /** All is about to be fetched. */
  requested() {
    this.#since = new Map();
  }

  /** @param {Row} first @param {Row[]} replies @param {string | null} next */
  replace(first, replies, next) {
    this.#first = first;
    this.#fetched = replies;
    this.next = next;
    this.#changed = this.#since;
  }

  /** @param {Row[]} replies @param {string | null} next */
  append(replies, next) {
    this.#fetched = [...this.#fetched, ...replies];
    this.next = next;
  }

  /** @param {Row[]} rows of the chat that came or changed @returns {boolean} whether some are of the thread */
  follow(rows) {
    let isOurs = false;
    for (const row of rows) {
      if (row.seq === null || (row.seq !== this.#root && row.thread !== this.#root)) continue;
      for (const changed of [this.#changed, this.#since]) changed.set(row.seq, /** @type {SentRow} */ (row));
      isOurs = true;
    }
    return isOurs;
  }

  /**
   * @param {Row[]} pending own messages of the chat that are not sent
   * @returns {{ fetched: Row[], newer: Row[] }} the replies as they are now; between both more may be
   *   missing
   */
  rows(pending) {
    const fetched = this.#fetched.map((row) => this.#current(row));
    const last = fetched.at(-1)?.seq ?? this.#root;
    const newer = [...this.#changed.values()].filter(({ seq }) => seq > last).sort((a, b) => a.seq - b.seq);
    const seqs = new Set([this.#root, ...fetched.map(({ seq }) => seq), ...newer.map(({ seq }) => seq)]);
    const unsent = pending.filter(({ seq, quote }) => !seqs.has(seq) && quote && seqs.has(quote.seq));
    return { fetched, newer: [...newer.map((row) => this.#current(row)), ...unsent] };
  }

  /** As it is now, with the present text of what it quotes. @param {Row} row @returns {Row} */
  #current(row) {
    const now = this.#changed.get(row.seq ?? 0) ?? row;
    const quoted = now.quote && this.#changed.get(now.quote.seq);
    return quoted ? { ...now, quote: quoteOf(quoted) } : now;
  }
}
