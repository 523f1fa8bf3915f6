/**
 * Drafts, of this device and the person's other ones. Stored here first, also offline; sent to the
 * server a second after the last key. A draft that the server does not have yet is newer than what
 * the server sends. If another device has written meanwhile, the server keeps the words of both.
 *
 * @module
 */

/** @import { Draft, DraftView } from '../stored-types.js' */
/** @import { Draft as WireDraft, Message, Quote } from '../wire.js' */
/** @import { LocalStore } from './store/local-store.js' */

import { ParleyError } from '../both/failure.js';
import { quoteOf } from '../both/quotes.js';

const SAVE_DELAY_MS = 1000;
const RETRY_MS = 5000;

/**
 * `expected`: what the server has as far as this device knows. Another text is not deleted, and
 * others are stored below it.
 *
 * @typedef {WireDraft & { expected?: string }} SavedDraft
 */

/**
 * @typedef {object} DraftsDeps
 * @property {(chat: string) => void} changed
 * @property {(draft: SavedDraft) => Promise<unknown> | null} save on the server; null: not now
 * @property {(chat: string, seq: number) => Promise<Quote>} quote the message a draft replies to
 */

export class Drafts {
  /** @type {Map<string, Draft>} */
  #held = new Map();
  /** To be written to the database. @type {Set<string>} */
  #dirty = new Set();
  /** The write that runs until all is stored. @type {Promise<void> | null} */
  #writing = null;
  /** Changed here, and not in the database when it was last read. @type {Set<string>} */
  #newer = new Set();
  /** The database did not take them. @type {Set<string>} */
  #unstored = new Set();
  /** Being sent to the server. @type {Set<string>} */
  #saving = new Set();
  /**
   * The texts that the server has, of chats of which it may have a draft; null: unknown.
   *
   * @type {Map<string, string | null>}
   */
  #onServer = new Map();
  /** The text that the server had when this device last knew it. @type {Map<string, string>} */
  #base = new Map();
  /** The text that was sent to the server last; perhaps it has not arrived. @type {Map<string, string>} */
  #tried = new Map();
  /** Written on another device since the one of this device was sent. @type {Map<string, WireDraft>} */
  #elsewhere = new Map();
  /** The server has no room for them. @type {Set<string>} */
  #full = new Set();
  #timer = 0;
  #database;
  #deps;

  /**
   * @param {LocalStore} database
   * @param {DraftsDeps} deps
   */
  constructor(database, deps) {
    this.#database = database;
    this.#deps = deps;
  }

  /** The database is about to be read. */
  beforeRead() {
    this.#newer = new Set([...this.#dirty, ...this.#unstored]);
  }

  /**
   * Use what the database holds. Drafts that changed here since it was read, or that are not stored,
   * stay.
   *
   * @param {Draft[]} stored as read after `beforeRead`
   */
  restore(stored) {
    const drafts = stored.filter(({ chat }) => !this.#newer.has(chat));
    const newer = [...this.#held].filter(([chat]) => this.#newer.has(chat));
    const chats = new Set([...this.#held.keys(), ...drafts.map(({ chat }) => chat)]);
    this.#held = new Map(newer);
    for (const draft of drafts) {
      this.#held.set(draft.chat, draft);
      const { chat, text, reply, unsaved, expected } = draft;
      this.#onServer.set(chat, unsaved ? (text || reply ? null : (expected ?? null)) : text);
      const base = unsaved ? expected : text;
      if (base !== undefined) this.#base.set(chat, base);
    }
    for (const chat of chats) this.#deps.changed(chat);
  }

  /** The database was emptied: store all again. */
  databaseEmptied() {
    for (const chat of this.#held.keys()) void this.#put(chat);
  }

  /** @param {string} chat @returns {DraftView} */
  of(chat) {
    const { text, reply } = this.#held.get(chat) ?? { text: '', reply: null };
    return { text, reply };
  }

  /** A message was changed: so is the quote of it. @param {string} chat @param {Message} message */
  requote(chat, message) {
    const held = this.#held.get(chat);
    if (held?.reply?.seq !== message.seq) return;
    this.#held.set(chat, { ...held, reply: quoteOf(message) });
    void this.#put(chat);
  }

  /** Whether the draft is on this device only, as the server has no room for it. @param {string} chat */
  isFull(chat) {
    return this.#full.has(chat) && Boolean(this.#held.get(chat)?.text);
  }

  /** @param {string} chat @param {boolean} isFull */
  #setFull(chat, isFull) {
    if (isFull === this.#full.has(chat)) return;
    if (isFull) this.#full.add(chat);
    else this.#full.delete(chat);
    this.#deps.changed(chat);
  }

  /**
   * Its message is queued; the transaction that stores the message removes the draft.
   *
   * @param {string} chat
   * @returns {Draft} what is left of the draft, to be stored
   */
  sent(chat) {
    const rest = this.#changed(chat, { text: '', reply: null }, this.#onServer.has(chat));
    if (rest.unsaved) this.#held.set(chat, rest);
    else this.#held.delete(chat);
    this.#dirty.delete(chat);
    this.#newer.add(chat);
    this.#deps.changed(chat);
    this.#flushSoon();
    return rest;
  }

  /** The message could not be stored, and the draft was not removed with it. @param {string} chat */
  notQueued(chat) {
    void this.#put(chat);
  }

  /**
   * A repeated message was queued before: remove its draft, which an earlier owner could not.
   *
   * @param {string} chat
   * @param {DraftView} message
   */
  async becameMessage(chat, { text, reply }) {
    const draft = this.of(chat);
    if (draft.text.trim() !== text.trim() || draft.reply?.seq !== reply?.seq) return;
    this.sent(chat);
    await this.#put(chat);
  }

  /** The draft as the database stores it. @param {string} chat @returns {Draft} */
  stored(chat) {
    return this.#held.get(chat) ?? draftOf(chat, { text: '', reply: null }, false);
  }

  /** @param {string} chat @param {DraftView} draft */
  async save(chat, { text, reply }) {
    const now = this.of(chat);
    if (text === now.text && reply?.seq === now.reply?.seq) return;
    this.#held.set(chat, this.#changed(chat, { text, reply }, true));
    this.#flushSoon();
    await this.#put(chat);
  }

  /**
   * The server has this draft, from any device.
   *
   * @param {WireDraft} draft
   */
  receive({ chat, text, reply_to }) {
    const held = this.#held.get(chat);
    if (held?.unsaved) {
      this.#elsewhere.set(chat, { chat, text, reply_to });
      if (text === this.#tried.get(chat)) this.#base.set(chat, text);
      if (!this.#onServer.has(chat)) this.#onServer.set(chat, null);
      return;
    }
    if (text) this.#onServer.set(chat, text);
    this.#base.set(chat, text);
    const { text: now, reply: answered } = this.of(chat);
    if (text === now && (reply_to ?? null) === (answered?.seq ?? null)) return;
    const known = answered?.seq === reply_to ? answered : null;
    const later = reply_to ? { seq: reply_to, sender: '', text: '', deleted: false } : null;
    this.#held.set(chat, draftOf(chat, { text, reply: known ?? later }, false));
    void this.#put(chat);
    if (later && !known) void this.#quote(chat, later.seq);
  }

  /** All drafts that the server has. @param {WireDraft[]} drafts */
  replace(drafts) {
    const chats = new Set(drafts.map(({ chat }) => chat));
    for (const chat of this.#held.keys()) {
      if (!chats.has(chat)) this.receive({ chat, text: '', reply_to: null });
    }
    for (const draft of drafts) this.receive(draft);
  }

  /**
   * The person is no longer in a chat: a draft that is nowhere else stays.
   *
   * @param {string} chat
   */
  forget(chat) {
    if (this.#held.get(chat)?.unsaved) return;
    if (this.#held.delete(chat)) void this.#put(chat);
  }

  /** A draft as it was changed here. It may wait for another owner, which does not know what the
   * server has. @param {string} chat @param {DraftView} view @param {boolean} unsaved
   * @returns {Draft} */
  #changed(chat, view, unsaved) {
    const expected = this.#expected(chat, view);
    return { ...draftOf(chat, view, unsaved), ...(expected !== null && { expected }) };
  }

  /** The draft that another text, or a deletion, is meant to replace. @param {string} chat
   * @param {DraftView} view @returns {string | null} null: any one */
  #expected(chat, { text, reply }) {
    if (!text && !reply) return this.#onServer.get(chat) ?? null;
    return this.#base.get(chat) ?? (this.#onServer.has(chat) ? null : '');
  }

  /** Send to the server what it does not have. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    for (const { chat, unsaved } of this.#held.values()) {
      if (unsaved && !this.#saving.has(chat)) void this.#saveToServer(chat);
    }
  }

  #flushSoon(wait = SAVE_DELAY_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** @param {string} chat */
  async #saveToServer(chat) {
    const draft = /** @type {Draft} */ (this.#held.get(chat));
    const { text, reply } = draft;
    const expected = this.#expected(chat, draft);
    const condition = expected === null ? {} : { expected };
    const saving = this.#deps.save({ chat, text, reply_to: reply?.seq ?? null, ...condition });
    if (!saving) return;
    this.#saving.add(chat);
    this.#tried.set(chat, text);
    // Without a response it is unknown which of the two the server has.
    this.#onServer.set(chat, null);
    try {
      await saving;
      this.#onServer.set(chat, text);
      this.#base.set(chat, text);
      this.#setFull(chat, false);
      if (this.#held.get(chat) === draft) this.#saved(draft, expected);
    } catch (error) {
      // Deleted or not, another draft than this one is of another device.
      if (expected !== null && !text && !reply) this.#onServer.set(chat, expected);
      if (error instanceof ParleyError && error.passing) this.#flushSoon(RETRY_MS);
      // A refused draft stays here, and is sent again with the next change of any.
      else this.#setFull(chat, error instanceof ParleyError && error.code === 'not_possible');
    } finally {
      this.#saving.delete(chat);
    }
    if (this.#held.get(chat) !== draft && this.#held.get(chat)?.unsaved) this.#flushSoon();
  }

  /**
   * The server has the draft, or what was written elsewhere meanwhile: instead of a deletion, or
   * together with it.
   *
   * @param {Draft} draft
   * @param {string | null} expected
   */
  #saved(draft, expected) {
    const { chat } = draft;
    const elsewhere = this.#elsewhere.get(chat);
    this.#elsewhere.delete(chat);
    if (!draft.text) this.#onServer.delete(chat);
    if (draft.text || draft.reply) this.#held.set(chat, { ...draft, unsaved: false });
    else this.#held.delete(chat);
    void this.#put(chat);
    const isKept = elsewhere && elsewhere.text !== expected && elsewhere.text.includes(draft.text.trim());
    if (expected !== null && isKept) this.receive(elsewhere);
  }

  /** @param {string} chat @param {number} seq */
  async #quote(chat, seq) {
    const reply = await this.#deps.quote(chat, seq).catch(() => null);
    const held = this.#held.get(chat);
    if (!reply || held?.reply?.seq !== seq) return;
    this.#held.set(chat, { ...held, reply });
    await this.#put(chat);
  }

  /**
   * Show a draft, and store it; changes during a write are stored by the same one.
   *
   * @param {string} chat
   * @returns {Promise<void>} when it is stored
   */
  #put(chat) {
    this.#dirty.add(chat);
    this.#newer.add(chat);
    this.#deps.changed(chat);
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #write() {
    for (const chat of this.#unstored) this.#dirty.add(chat);
    // A set also yields items that are added during the iteration.
    for (const chat of this.#dirty) {
      this.#dirty.delete(chat);
      this.#unstored.delete(chat);
      await this.#database.saveDraft(this.stored(chat)).catch((error) => {
        // It is in memory, and the server gets it.
        console.warn('A draft is not stored.', error);
        this.#unstored.add(chat);
        this.#newer.add(chat);
      });
    }
  }
}

/** @param {string} chat @param {DraftView} view @param {boolean} unsaved @returns {Draft} */
const draftOf = (chat, view, unsaved) => ({ chat, ...view, unsaved, at: new Date().toISOString() });
