/**
 * How far this person has received and read: gathered, and reported at most once a second.
 *
 * @module
 */

/** @import { ChatPosition } from './wire.js' */

const PAUSE_MS = 1000;
const AGAIN_MS = 5000;
const AT_ONCE = 200;

export class Receipts {
  /** @type {Map<string, { read: number, delivered: number }>} */
  #goals = new Map();
  #timer = 0;
  #last = 0;
  #report;
  #reported;

  /**
   * @param {(positions: ChatPosition[]) => Promise<unknown> | null} report null: nobody to tell now
   * @param {(positions: ChatPosition[]) => void} reported the server has them
   */
  constructor(report, reported) {
    this.#report = report;
    this.#reported = reported;
  }

  /** @param {string} chat @param {{ read?: number, delivered?: number }} position */
  move(chat, { read = 0, delivered = 0 }) {
    const goal = this.#goals.get(chat) ?? { read: 0, delivered: 0 };
    if (read <= goal.read && delivered <= goal.delivered) return;
    this.#goals.set(chat, {
      read: Math.max(goal.read, read),
      delivered: Math.max(goal.delivered, delivered),
    });
    this.flush();
  }

  /** Report what is unreported, now or when the pause is over. */
  flush() {
    if (this.#timer || !this.#goals.size) return;
    const wait = Math.max(0, this.#last + PAUSE_MS - Date.now());
    this.#timer = setTimeout(() => void this.#tell(), wait);
  }

  async #tell() {
    const goals = [...this.#goals].slice(0, AT_ONCE);
    const positions = goals.map(([chat, { read, delivered }]) => ({
      chat,
      ...(read && { read }),
      ...(delivered && { delivered }),
    }));
    this.#last = Date.now();
    try {
      const answer = this.#report(positions);
      if (!answer) return;
      await answer;
      for (const [chat, goal] of goals) {
        if (this.#goals.get(chat) === goal) this.#goals.delete(chat);
      }
      this.#reported(positions);
    } catch {
      // Kept; without a connection, the next one brings a flush of its own.
      setTimeout(() => this.flush(), AGAIN_MS);
      return;
    } finally {
      this.#timer = 0;
    }
    this.flush();
  }
}
