/**
 * Own messages on their way: one queue a chat, one message of it in the air at a time, so that they
 * arrive in the order of writing. Client ids make every repetition harmless.
 *
 * @module
 */

/** @import { Draft, OutboxEntry } from './contract.js' */
/** @import { Quote } from './wire.js' */
/** @import { Mine } from './store/mine.js' */

import { Backoff } from './backoff.js';
import { ParleyError } from './failure.js';

/**
 * @typedef {NonNullable<OutboxEntry['ack']>} Place where a message stands
 *
 * @typedef {object} Way how messages leave
 * @property {() => boolean} open whether anything can be sent now
 * @property {(entry: OutboxEntry) => Promise<Place>} carry rejects with a ParleyError
 * @property {(chat: string, rev: number) => boolean} passed whether the chat's stream is that far
 * @property {(chat: string) => void} changed a chat's unsent messages changed
 * @property {() => void} stored the database changed: other owners look
 */

export class Outbox {
  /** @type {Map<string, OutboxEntry>} */
  #entries = new Map();
  /** Arrived: not to be brought back by another owner's older copy. @type {Set<string>} */
  #settled = new Set();
  /** Chats with a message in the air. @type {Set<string>} */
  #busy = new Set();
  #backoff = new Backoff();
  #waiting = 0;
  #sending = false;
  #mine;
  #way;

  /**
   * @param {Mine} mine
   * @param {Way} way
   */
  constructor(mine, way) {
    this.#mine = mine;
    this.#way = way;
  }

  /**
   * @param {string} chat
   * @returns {OutboxEntry[]} unsent or not yet seen in the stream, in order
   */
  of(chat) {
    return [...this.#entries.values()]
      .filter((entry) => entry.chat === chat)
      .sort((a, b) => a.order - b.order);
  }

  /** How many wait. */
  get queued() {
    return [...this.#entries.values()].filter(({ state }) => state === 'pending').length;
  }

  /** Whether a message is here, or was and has arrived. @param {string} clientId */
  has(clientId) {
    return this.#entries.has(clientId) || this.#settled.has(clientId);
  }

  get size() {
    return this.#entries.size;
  }

  /**
   * Take what the database holds: at the start, and when another owner has written.
   *
   * @param {OutboxEntry[]} stored
   */
  restore(stored) {
    const chats = new Set([...this.#entries.values(), ...stored].map(({ chat }) => chat));
    const flying = [...this.#entries.values()].filter(({ chat }) => this.#busy.has(chat));
    this.#entries = new Map(
      stored
        .filter(({ client_id }) => !this.#settled.has(client_id))
        .map((entry) => [entry.client_id, entry]),
    );
    for (const entry of flying) this.#entries.set(entry.client_id, entry);
    for (const chat of chats) {
      this.advance(chat);
      this.#way.changed(chat);
    }
    this.pump();
  }

  /** From now on this owner sends; only one of a person's owners may. */
  lead() {
    this.#sending = true;
    this.pump();
  }

  /**
   * @param {string} chat
   * @param {{ client_id: string, text: string, quote: Quote | null, rest: Draft }} message `rest`:
   *   of its draft
   * @returns {Promise<void>} the message is on the way even if storing it fails
   */
  async add(chat, { client_id, text, quote, rest }) {
    const orders = [...this.#entries.values()].map(({ order }) => order + 1);
    const order = Math.max(Date.now(), ...orders);
    const at = new Date().toISOString();
    const tried = this.#sending && this.#way.open();
    /** @type {OutboxEntry} */
    const entry = {
      client_id, chat, text, quote, at, order, tried, state: 'pending', failure: null, ack: null,
    };
    this.#entries.set(client_id, entry);
    this.#way.changed(chat);
    const stored = this.#mine.queue(entry, rest);
    this.pump();
    await stored.then(this.#way.stored, (error) => console.warn('A message is not stored.', error));
  }

  /** @param {string} clientId */
  async retry(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry?.state !== 'refused') throw new ParleyError('not_found');
    await this.#put({ ...entry, state: 'pending', failure: null });
    this.pump();
  }

  /** @param {string} clientId @returns {Promise<string>} its text */
  async discard(clientId) {
    const entry = this.#entries.get(clientId);
    if (!entry || entry.state === 'sent') throw new ParleyError('not_found');
    if (entry.state === 'pending' && entry.tried) throw new ParleyError('conflict');
    await this.#remove([entry]);
    return entry.text;
  }

  /** Own messages seen in the stream: they have arrived. @param {string[]} clientIds */
  settle(clientIds) {
    const arrived = clientIds.flatMap((id) => this.#entries.get(id) ?? []);
    for (const { client_id } of arrived) this.#settled.add(client_id);
    if (arrived.length) void this.#remove(arrived);
  }

  /**
   * The chat's stream has moved on: what was acknowledged before that point is in it.
   *
   * @param {string} chat
   */
  advance(chat) {
    this.settle(
      this.of(chat)
        .filter(({ ack }) => ack && this.#way.passed(chat, ack.rev))
        .map(({ client_id }) => client_id),
    );
  }

  /** A way may have opened: do not wait any longer. */
  hurry() {
    clearTimeout(this.#waiting);
    this.#waiting = 0;
    this.pump();
  }

  /** Send the next message of every chat that has none in the air. */
  pump() {
    if (!this.#sending || this.#waiting || !this.#way.open()) return;
    const due = [...this.#entries.values()]
      .filter(({ state }) => state === 'pending')
      .sort((a, b) => a.order - b.order);
    for (const entry of due) {
      if (!this.#busy.has(entry.chat)) void this.#deliver(entry);
    }
  }

  /** @param {OutboxEntry} entry */
  async #deliver(entry) {
    this.#busy.add(entry.chat);
    try {
      if (!entry.tried) {
        entry = { ...entry, tried: true };
        await this.#put(entry);
      }
      const ack = await this.#way.carry(entry);
      this.#backoff.reset();
      await this.#put({ ...entry, state: 'sent', ack });
      this.advance(entry.chat);
    } catch (error) {
      await this.#failed(entry, ParleyError.plain(error));
    } finally {
      this.#busy.delete(entry.chat);
      this.pump();
    }
  }

  /** @param {OutboxEntry} entry @param {import('./contract.js').Failure} failure */
  async #failed(entry, failure) {
    if (ParleyError.from(failure).passing || failure.code === 'signed_out') {
      const wait = failure.retryAfter === null ? this.#backoff.next() : failure.retryAfter * 1000;
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.hurry(), wait);
    } else {
      await this.#put({ ...entry, state: 'refused', failure });
    }
  }

  /** @param {OutboxEntry} entry a newer state of one that has not arrived meanwhile */
  async #put(entry) {
    if (!this.#entries.has(entry.client_id)) return;
    this.#entries.set(entry.client_id, entry);
    this.#way.changed(entry.chat);
    await this.#mine.update(entry).then(this.#way.stored, warn);
  }

  /** @param {OutboxEntry[]} entries */
  async #remove(entries) {
    for (const { client_id } of entries) this.#entries.delete(client_id);
    for (const chat of new Set(entries.map((entry) => entry.chat))) this.#way.changed(chat);
    await this.#mine.remove(entries.map(({ client_id }) => client_id)).then(this.#way.stored, warn);
  }
}

/** @param {unknown} error */
const warn = (error) => console.warn('The outbox could not be stored.', error);
