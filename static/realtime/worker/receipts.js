/**
 * How far this person has received and read: gathered, and reported at most once a second.
 *
 * @module
 */

/** @import { ChatPosition } from '../wire.js' */
/** @import { Changes, Model } from './model.js' */

const REPORT_INTERVAL_MS = 1000;
const RETRY_MS = 5000;
const MAX_POSITIONS = 200;

/**
 * @typedef {object} ReceiptsDeps
 * @property {(positions: ChatPosition[]) => Promise<unknown> | null} report null: nobody to tell
 * @property {() => Changes} changes where local changes are noted
 */

export class Receipts {
  /** @type {Map<string, { read: number, delivered: number }>} */
  #goals = new Map();
  #timer = 0;
  #last = -REPORT_INTERVAL_MS;
  #model;
  #deps;

  /**
   * @param {Model} model
   * @param {ReceiptsDeps} deps
   */
  constructor(model, deps) {
    this.#model = model;
    this.#deps = deps;
  }

  /** Reading that was never reported: the tab was closed too soon. */
  restore() {
    for (const { id, chat, told } of this.#model.chats.values()) {
      if (chat.read_seq > told.read) this.#move(id, { read: chat.read_seq });
    }
  }

  /**
   * Entries of these chats are stored now: delivered, where another's are unread.
   *
   * @param {string[]} chats
   */
  stored(chats) {
    for (const id of chats) {
      const record = this.#model.chats.get(id);
      if (!record) continue;
      const { last, last_seq, read_seq } = record.chat;
      if (last?.sender === this.#model.person || last_seq <= read_seq) continue;
      if (last_seq > record.told.delivered) this.#move(id, { delivered: last_seq });
    }
  }

  /**
   * Rows up to `seq` were looked at: no longer unread, here at once.
   *
   * @param {string} chat
   * @param {number} seq
   */
  seen(chat, seq) {
    const record = this.#model.chats.get(chat);
    if (!record) return;
    const { read_seq: before, last_seq, marked_unread } = record.chat;
    if (seq <= before && !marked_unread) return;
    const read_seq = Math.max(before, Math.min(seq, last_seq));
    record.chat = { ...record.chat, read_seq, marked_unread: false };
    this.#deps.changes().chat(chat);
    this.#move(chat, { read: read_seq });
  }

  /** Report what is unreported, now or when the pause is over. */
  flush() {
    if (this.#timer || !this.#goals.size) return;
    const wait = Math.max(0, this.#last + REPORT_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => void this.#report(), wait);
  }

  /** @param {string} chat @param {{ read?: number, delivered?: number }} position */
  #move(chat, { read = 0, delivered = 0 }) {
    const goal = this.#goals.get(chat) ?? { read: 0, delivered: 0 };
    if (read <= goal.read && delivered <= goal.delivered) return;
    this.#goals.set(chat, {
      read: Math.max(goal.read, read),
      delivered: Math.max(goal.delivered, delivered),
    });
    this.flush();
  }

  async #report() {
    const goals = [...this.#goals].slice(0, MAX_POSITIONS);
    const positions = goals.map(([chat, { read, delivered }]) => ({
      chat,
      ...(read && { read }),
      ...(delivered && { delivered }),
    }));
    this.#last = performance.now();
    try {
      const answer = this.#deps.report(positions);
      if (!answer) return;
      await answer;
      for (const [chat, goal] of goals) {
        if (this.#goals.get(chat) === goal) this.#goals.delete(chat);
      }
      this.#noteReported(positions);
    } catch {
      // Kept; without a connection, the next one brings a flush of its own.
      setTimeout(() => this.flush(), RETRY_MS);
      return;
    } finally {
      this.#timer = 0;
    }
    this.flush();
  }

  /** @param {ChatPosition[]} positions the server has them */
  #noteReported(positions) {
    for (const { chat, read, delivered } of positions) {
      const record = this.#model.chats.get(chat);
      if (!record) continue;
      const { told } = record;
      record.told = {
        read: Math.max(told.read, read ?? 0),
        delivered: Math.max(told.delivered, delivered ?? 0, read ?? 0),
      };
      this.#deps.changes().records.add(chat);
    }
  }
}
