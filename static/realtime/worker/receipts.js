/**
 * How far this person has received and read: gathered, and reported at most once a second.
 *
 * @module
 */

/** @import { ChatPosition } from '../wire.js' */
/** @import { Owner } from './owner.js' */

const REPORT_INTERVAL_MS = 1000;
const RETRY_MS = 5000;
/** In one report. */
const MAX_POSITIONS = 200;

export class Receipts {
  /** Not reported yet, by chat. @type {Map<string, { read: number, delivered: number }>} */
  #unreported = new Map();
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
   * Rows up to `seq` were looked at: here they are read at once.
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
    record.chat = { ...record.chat, read_seq, marked_unread: false };
    changes.local().chat(chat);
    this.#add(chat, { read: read_seq });
  }

  /** All of these chats is read, or all of every chat. @param {string[] | null} chats */
  allSeen(chats) {
    const { model } = this.#owner;
    for (const id of chats ?? [...model.chats.keys()]) this.seen(id, model.chats.get(id)?.chat.last_seq ?? 0);
  }

  /** Report what is unreported before a chat is marked unread: a later report would end the mark. */
  async beforeMark() {
    if (!this.#unreported.size) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    await this.#report();
  }

  /** Report what is unreported, now or when the interval is over. */
  flush() {
    if (this.#timer || !this.#unreported.size) return;
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
    const { sync, commands, isLookedAt } = this.#owner;
    const unreported = [...this.#unreported].slice(0, MAX_POSITIONS);
    const positions = unreported.map(([chat, { read, delivered }]) => ({
      chat,
      ...(read && { read }),
      ...(delivered && { delivered }),
    }));
    this.#reportedAt = performance.now();
    try {
      if (!sync.synced) return;
      await commands.send({ type: 'receipts', positions, visible: isLookedAt });
      for (const [chat, position] of unreported) {
        if (this.#unreported.get(chat) === position) this.#unreported.delete(chat);
      }
      this.#noteReported(positions);
    } catch {
      // Kept; the next connection flushes, too.
      setTimeout(() => this.flush(), RETRY_MS);
      return;
    } finally {
      this.#timer = 0;
    }
    this.flush();
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
