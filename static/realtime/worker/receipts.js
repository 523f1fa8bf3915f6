/**
 * How far this person has received and read: gathered, and reported at most once a second.
 *
 * @module
 */

/** @import { ChatPosition } from '../wire.js' */
/** @import { ParleyError } from '../both/failure.js' */
/** @import { Owner } from './owner.js' */

const REPORT_INTERVAL_MS = 1000;
const RETRY_MS = 5000;
/** In one report. */
const MAX_POSITIONS = 200;

export class Receipts {
  /** Not reported yet, by chat. @type {Map<string, { read: number, delivered: number }>} */
  #unreported = new Map();
  /** Chats whose mark as unread was ended here, and is not reported yet. @type {Set<string>} */
  #unmarked = new Set();
  /** Chats that are being marked unread. @type {Set<string>} */
  #marking = new Set();
  /** Chats that were marked unread since they were opened. @type {Set<string>} */
  #kept = new Set();
  #timer = 0;
  #reportedAt = -REPORT_INTERVAL_MS;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /** Find what was read but never reported: the tab was closed too soon. */
  restore() {
    for (const { id, chat, told } of this.#owner.model.chats.values()) {
      if (chat.read_seq > told.read) this.#add(id, { read: chat.read_seq });
    }
  }

  /**
   * Entries of these chats are stored now: delivered, where another's are unread.
   *
   * @param {string[]} chats
   */
  stored(chats) {
    const { model } = this.#owner;
    for (const id of chats) {
      const record = model.chats.get(id);
      if (!record) continue;
      const { last, last_seq, read_seq } = record.chat;
      if (last?.sender === model.person || last_seq <= read_seq) continue;
      if (last_seq > record.told.delivered) this.#add(id, { delivered: last_seq });
    }
  }

  /**
   * Rows up to `seq` were in view. This does not end a mark that was made since the chat was opened.
   *
   * @param {string} chat
   * @param {number} seq
   */
  looked(chat, seq) {
    if (this.#marking.has(chat)) return;
    if (this.#kept.has(chat) && this.#owner.model.chats.get(chat)?.chat.marked_unread) return;
    this.seen(chat, seq);
  }

  /**
   * All up to `seq` is read: here at once.
   *
   * @param {string} chat
   * @param {number} seq
   */
  seen(chat, seq) {
    const { model, changes } = this.#owner;
    const record = model.chats.get(chat);
    if (!record) return;
    const { read_seq: before, last_seq, marked_unread } = record.chat;
    if (seq <= before && !marked_unread) return;
    const read_seq = Math.max(before, Math.min(seq, last_seq));
    record.chat = { ...record.chat, read_seq, marked_unread: false, unread_from: null };
    changes.local().chat(chat);
    if (marked_unread) this.#unmarked.add(chat);
    if (read_seq > before) this.#add(chat, { read: read_seq });
    this.flush();
  }

  /** All of these chats is read, or all of every chat. @param {string[] | null} chats */
  allSeen(chats) {
    const { model } = this.#owner;
    for (const id of chats ?? [...model.chats.keys()]) this.seen(id, model.chats.get(id)?.chat.last_seq ?? 0);
  }

  /** A chat was opened: what is in view now ends its mark. @param {string} chat */
  opened(chat) {
    this.#kept.delete(chat);
  }

  /** A chat was marked unread, here or on another device. @param {string} chat */
  marked(chat) {
    this.#kept.add(chat);
    this.#unmarked.delete(chat);
  }

  /**
   * Mark a chat unread, after what was read there is reported: a later report would end the mark.
   *
   * @template T
   * @param {{ chat: string, unread_from?: number | null }} command
   * @param {() => Promise<T>} send
   * @returns {Promise<T>}
   * @throws {ParleyError}
   */
  async mark({ chat, unread_from = null }, send) {
    const { model, changes } = this.#owner;
    this.#marking.add(chat);
    this.#unmarked.delete(chat);
    try {
      const position = this.#unreported.get(chat);
      if (position) await this.#send([[chat, position]]);
      const ack = await send();
      const record = model.chats.get(chat);
      if (record) record.chat = { ...record.chat, marked_unread: true, unread_from };
      this.marked(chat);
      changes.local().chat(chat);
      return ack;
    } finally {
      this.#marking.delete(chat);
    }
  }

  /** Report what is unreported, now or when the interval is over. */
  flush() {
    if (this.#timer || !(this.#unreported.size || this.#unmarked.size)) return;
    const wait = Math.max(0, this.#reportedAt + REPORT_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => void this.#report(), wait);
  }

  /** @param {string} chat @param {{ read?: number, delivered?: number }} position */
  #add(chat, { read = 0, delivered = 0 }) {
    const held = this.#unreported.get(chat) ?? { read: 0, delivered: 0 };
    if (read <= held.read && delivered <= held.delivered) return;
    this.#unreported.set(chat, {
      read: Math.max(held.read, read),
      delivered: Math.max(held.delivered, delivered),
    });
    this.flush();
  }

  async #report() {
    const { sync, commands } = this.#owner;
    this.#reportedAt = performance.now();
    try {
      if (!sync.synced) return;
      const some = [...this.#unreported].slice(0, MAX_POSITIONS);
      if (some.length) await this.#send(some);
      for (const chat of this.#unmarked) {
        await commands.send({ type: 'chat.marks', chat, marked_unread: false });
        this.#unmarked.delete(chat);
      }
    } catch {
      // Kept; the next connection flushes, too.
      setTimeout(() => this.flush(), RETRY_MS);
      return;
    } finally {
      this.#timer = 0;
    }
    this.flush();
  }

  /** @param {[string, { read: number, delivered: number }][]} some of what is unreported */
  async #send(some) {
    const { commands, isLookedAt } = this.#owner;
    const positions = some.map(([chat, { read, delivered }]) => ({
      chat,
      ...(read && { read }),
      ...(delivered && { delivered }),
    }));
    await commands.send({ type: 'receipts', positions, visible: isLookedAt });
    for (const [chat, position] of some) {
      if (this.#unreported.get(chat) === position) this.#unreported.delete(chat);
    }
    this.#noteReported(positions);
  }

  /** @param {ChatPosition[]} positions the server has them */
  #noteReported(positions) {
    const { model, changes } = this.#owner;
    for (const { chat, read, delivered } of positions) {
      const record = model.chats.get(chat);
      if (!record) continue;
      const { told } = record;
      record.told = {
        read: Math.max(told.read, read ?? 0),
        delivered: Math.max(told.delivered, delivered ?? 0, read ?? 0),
      };
      changes.local().records.add(chat);
    }
  }
}
