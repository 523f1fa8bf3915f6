/**
 * Unsent messages: a queue for each chat, one message of it in flight at a time, so that they arrive
 * in the order of writing. A message waits for its files, and those after it for the message. Client
 * ids make every repetition harmless.
 *
 * @module
 */

/** @import { Draft, OutboxEntry } from '../stored-types.js' */
/** @import { Quote } from '../wire.js' */
/** @import { LocalStore } from './store/local-store.js' */
/** @import { Uploads } from './uploads.js' */

import { Backoff } from './backoff.js';
import { ParleyError } from '../both/failure.js';
import { LocalWrites } from './store/local-writes.js';

/**
 * @typedef {NonNullable<OutboxEntry['ack']>} AckPosition the place of a committed message
 *
 * @typedef {object} OutboxDeps
 * @property {() => boolean} open whether anything can be sent now
 * @property {(entry: OutboxEntry) => Promise<AckPosition>} send rejects with a ParleyError
 * @property {(chat: string, rev: number) => boolean} hasApplied whether the chat's stream was
 *   applied as far as that
 * @property {Pick<Uploads, 'readiness' | 'isUnstored' | 'uploadAgain' | 'retry' | 'returned' | 'forget'>} files
 * @property {() => boolean} isMixed whether servers of two releases may be running
 * @property {(chat: string) => void} changed a chat's unsent messages changed
 * @property {() => void} stored the database changed: other owners read it
 */

const MAX_FINISHED = 1000;

export class Outbox {
  /** @type {Map<string, OutboxEntry>} */
  #entries = new Map();
  /** The newest that arrived or were discarded: an older copy does not bring them back.
   * @type {Set<string>} */
  #finished = new Set();
  /** The message in flight, by chat. @type {Map<string, string>} */
  #inFlight = new Map();
  #backoff = new Backoff();
  #retryTimer = 0;
  #isLeading = false;
  #database;
  #writes;
  #deps;

  /**
   * @param {LocalStore} database
   * @param {OutboxDeps} deps
   */
  constructor(database, deps) {
    this.#deps = deps;
    this.#database = database;
    this.#writes = new LocalWrites({
      idOf: ({ client_id }) => client_id,
      present: (clientId) => this.#entries.get(clientId),
      writeAgain: (/** @type {OutboxEntry[]} */ entries) => void this.#writes.write(entries, database.update(entries)),
      remove: (ids, files) => database.remove(ids, files),
      failed: (entries) => {
        for (const { chat } of entries) deps.changed(chat);
        this.sendNext();
      },
      stored: deps.stored,
    });
  }

  /**
   * @param {string} chat
   * @returns {OutboxEntry[]} unsent, or not seen in the stream yet; in order
   */
  of(chat) {
    return [...this.#entries.values()]
      .filter((entry) => entry.chat === chat)
      .sort((a, b) => a.order - b.order);
  }

  /** How many messages wait. */
  get queued() {
    return [...this.#entries.values()].filter(({ state }) => state === 'pending').length;
  }

  /** How many of those would be lost with this page, or a file of them: the database does not take
   * them. */
  get unstored() {
    const entries = [...this.#entries.values()].filter(({ state }) => state === 'pending');
    return entries.filter((entry) => this.#isOnlyHere(entry)).length;
  }

  get size() {
    return this.#entries.size;
  }

  /** The database is about to be read. */
  beforeRead() {
    this.#writes.beforeRead();
  }

  /**
   * Use what the database holds: at the start, and when another owner has written. Entries that
   * changed here since it was read, or that are not stored, stay as they are.
   *
   * @param {OutboxEntry[]} stored as read after `beforeRead`
   */
  restore(stored) {
    const before = [...this.#entries.values()];
    const chats = new Set([...before, ...stored].map(({ chat }) => chat));
    const newer = before.filter(
      (entry) =>
        this.#inFlight.get(entry.chat) === entry.client_id ||
        this.#writes.isNewer(entry.client_id) ||
        this.#isOnlyHere(entry),
    );
    const known = stored.filter(({ client_id }) => !this.#finished.has(client_id));
    this.#entries = new Map([...known, ...newer].map((entry) => [entry.client_id, entry]));
    for (const chat of chats) {
      this.advance(chat);
      this.#deps.changed(chat);
    }
    this.sendNext();
  }

  /** The database was emptied: nothing is stored. */
  databaseEmptied() {
    this.#writes.databaseEmptied([...this.#entries.values()]);
  }

  /**
   * Whether this owner sends from now on. One of a person's owners does; the others send only what
   * the leader cannot find in the database.
   *
   * @param {boolean} isLeading
   */
  setLeading(isLeading) {
    this.#isLeading = isLeading;
    this.sendNext();
  }

  /** Whether the database does not take this message. @param {string} clientId */
  isUnstored(clientId) {
    return this.#writes.isFailed(clientId);
  }

  /** Whether the database does not have all of it: other owners cannot send it. @param {OutboxEntry} entry */
  #isOnlyHere({ client_id, files }) {
    return this.isUnstored(client_id) || files.some((id) => this.#deps.files.isUnstored(id));
  }

  /** The unsent message that has a file. @param {string} upload */
  withFile(upload) {
    return [...this.#entries.values()].find(({ files }) => files.includes(upload));
  }

  /** Whether a message was added before. @param {string} clientId */
  has(clientId) {
    return this.#entries.has(clientId) || this.#finished.has(clientId);
  }

  /**
   * Adding a client id again changes nothing.
   *
   * @param {string} chat
   * @param {{ client_id: string, text: string, quote: Quote | null, files?: string[], rest: Draft
   *   }} message `files`: ids of uploads; `rest`: of its draft
   * @returns {Promise<void>} the message is sent even if storing it fails
   */
  async add(chat, { client_id, text, quote, files = [], rest }) {
    if (this.has(client_id)) return;
    const orders = [...this.#entries.values()].map(({ order }) => order + 1);
    const order = Math.max(Date.now(), ...orders);
    const at = new Date().toISOString();
    const tried = this.#isLeading && this.#deps.open() && !files.length;
    /** @type {OutboxEntry} */
    const entry = {
      client_id, chat, text, quote, files, at, order, tried, state: 'pending', failure: null, ack: null,
    };
    this.#entries.set(client_id, entry);
    this.#deps.changed(chat);
    const stored = this.#writes.write([entry], this.#database.queue(entry, rest));
    this.sendNext();
    await stored;
  }

  /** @param {string} clientId */
  async retry(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry?.state !== 'refused') throw new ParleyError('not_found');
    const isGone = entry.failure?.code === 'file_gone';
    await Promise.all(entry.files.map((id) => this.#deps.files.retry(id, isGone)));
    await this.#put({ ...entry, state: 'pending', failure: null });
    this.sendNext();
  }

  /**
   * Its files return to a draft: no message names them any more.
   *
   * @param {string} clientId
   * @param {number | null} [thread] whose draft, or that of the chat
   * @returns {Promise<string>} its text
   */
  async discard(clientId, thread = null) {
    const entry = this.#removable(this.#entries.get(clientId));
    await this.#remove([entry]);
    await this.#deps.files.returned(entry.files, thread);
    return entry.text;
  }

  /**
   * Remove a file from an unsent message, and the message if nothing is left of it. A message that
   * was refused for this file is to be sent again.
   *
   * @param {string} upload
   */
  async removeFile(upload) {
    const entry = this.#removable(this.withFile(upload));
    const files = entry.files.filter((id) => id !== upload);
    const isHindered = (/** @type {string[]} */ ids) => typeof this.#deps.files.readiness(ids) === 'object';
    const isMended = entry.state === 'refused' && isHindered(entry.files) && !isHindered(files);
    const rest = isMended ? { files, state: /** @type {const} */ ('pending'), failure: null } : { files };
    if (files.length || entry.text.trim()) await this.#put({ ...entry, ...rest });
    else await this.#remove([entry]);
  }

  /** @param {OutboxEntry | undefined} entry @returns {OutboxEntry} one that was not sent */
  #removable(entry) {
    if (!entry || entry.state === 'sent') throw new ParleyError('not_found');
    if (entry.state === 'pending' && entry.tried) throw new ParleyError('conflict');
    return entry;
  }

  /** Own messages came by the stream: they have arrived. @param {string[]} clientIds */
  confirm(clientIds) {
    const arrived = clientIds.flatMap((id) => this.#entries.get(id) ?? []);
    if (!arrived.length) return;
    const files = arrived.map((entry) => entry.files);
    void this.#remove(arrived, files);
    this.#deps.files.forget(files.flat());
  }

  /**
   * The chat's stream moved forward: messages acknowledged before that point are in it.
   *
   * @param {string} chat
   */
  advance(chat) {
    this.confirm(
      this.of(chat)
        .filter(({ ack }) => ack && this.#deps.hasApplied(chat, ack.rev))
        .map(({ client_id }) => client_id),
    );
  }

  /** Sending may be possible again: do not wait any longer. */
  retryNow() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = 0;
    this.sendNext();
  }

  /** Send the next message of every chat that has none in flight, and whose files are ready. */
  sendNext() {
    if (this.#retryTimer || !this.#deps.open()) return;
    const due = [...this.#entries.values()]
      .filter(({ state }) => state === 'pending')
      .filter((entry) => this.#isLeading || this.#isOnlyHere(entry))
      .sort((a, b) => a.order - b.order);
    const waiting = new Set(this.#inFlight.keys());
    for (const entry of due) {
      if (waiting.has(entry.chat)) continue;
      const readiness = this.#deps.files.readiness(entry.files);
      // Messages after one that failed do not wait for it.
      if (typeof readiness === 'object') void this.#put({ ...entry, state: 'refused', failure: readiness });
      else waiting.add(entry.chat);
      if (readiness === 'ready') void this.#send(entry);
    }
  }

  /** @param {OutboxEntry} entry */
  async #send(entry) {
    this.#inFlight.set(entry.chat, entry.client_id);
    try {
      if (!entry.tried) {
        entry = { ...entry, tried: true };
        await this.#put(entry);
      }
      const ack = await this.#deps.send(entry);
      this.#backoff.reset();
      await this.#put({ ...entry, state: 'sent', ack });
      this.advance(entry.chat);
    } catch (error) {
      await this.#failed(entry, ParleyError.plain(error));
    } finally {
      this.#inFlight.delete(entry.chat);
      this.sendNext();
    }
  }

  /** @param {OutboxEntry} entry @param {import('../contract.js').Failure} failure */
  async #failed(entry, failure) {
    // A server of the release before may not know a field yet.
    const { code } = failure;
    const mayPass = code === 'signed_out' || (code === 'invalid' && this.#deps.isMixed());
    if (ParleyError.from(failure).passing || mayPass) {
      const wait = failure.retryAfter === null ? this.#backoff.next() : failure.retryAfter * 1000;
      clearTimeout(this.#retryTimer);
      this.#retryTimer = setTimeout(() => this.retryNow(), wait);
    } else if (code === 'held') {
      // The server has it, and it waits for a moderator: it is among the scheduled messages.
      this.confirm([entry.client_id]);
    } else if (code === 'file_gone' && this.#deps.files.uploadAgain(entry.files)) {
      await this.#put({ ...entry, tried: false });
    } else {
      await this.#put({ ...entry, state: 'refused', failure });
    }
  }

  /** @param {OutboxEntry} entry a newer state; ignored when the message arrived since */
  async #put(entry) {
    if (!this.#entries.has(entry.client_id)) return;
    this.#entries.set(entry.client_id, entry);
    this.#deps.changed(entry.chat);
    await this.#writes.write([entry], this.#database.update([entry]));
  }

  /** @param {OutboxEntry[]} entries @param {string[][]} [files] of each, to remove as well */
  async #remove(entries, files = []) {
    const ids = entries.map(({ client_id }) => client_id);
    for (const id of ids) {
      this.#entries.delete(id);
      this.#finished.add(id);
    }
    for (const id of [...this.#finished].slice(0, -MAX_FINISHED)) this.#finished.delete(id);
    for (const chat of new Set(entries.map((entry) => entry.chat))) this.#deps.changed(chat);
    await this.#writes.remove(ids, files);
  }
}
