/** @import { Commands } from './commands.js' */
/** @import { Model } from './model.js' */
/** @import { Resume } from '../wire.js' */

import { Backoff } from './backoff.js';

/**
 * A resume may carry thousands of chats over a slow line. Each frame is applied as it comes, and
 * silence ends the connection (connection.js).
 */
const RESUME_TIMEOUT_MS = 600_000;

/**
 * @typedef {object} ResumerDeps
 * @property {() => Promise<NonNullable<Resume['held']>>} held what is held, to be compared
 * @property {() => void} failed the server did not answer: this connection is of no use
 */

/** Asks for what is missing: once on every connection, and again when something turns out lost. */
export class Resumer {
  count = 0;
  #running = false;
  #timer = 0;
  #backoff = new Backoff();
  #commands;
  #model;
  #held;
  #failed;

  /**
   * @param {Commands} commands
   * @param {Model} model
   * @param {ResumerDeps} deps
   */
  constructor(commands, model, { held, failed }) {
    this.#commands = commands;
    this.#model = model;
    this.#held = held;
    this.#failed = failed;
  }

  /** Say what is held and be sent the rest. */
  async resume() {
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.count += 1;
    const cursor = this.#model.cursor();
    try {
      const held = cursor.epoch === null ? {} : await this.#held().catch(() => ({}));
      await this.#commands.sendOnConnection({ type: 'resume', ...cursor, held }, RESUME_TIMEOUT_MS);
    } catch {
      this.#failed();
    } finally {
      this.#running = false;
    }
  }

  /**
   * An event was lost. While a resume runs, it brings that too; repeated ones wait longer and
   * longer, so that a server that cannot fill the gap is not asked without end.
   */
  missing() {
    if (this.#running || this.#timer) return;
    const wait = this.#backoff.tried ? this.#backoff.next() : (this.#backoff.next(), 0);
    this.#timer = setTimeout(() => void this.resume(), wait);
  }

  /** A while has passed: without anything missing, the next loss is asked for at once. */
  settled() {
    if (!this.#running && !this.#timer) this.#backoff.reset();
  }

  /** The connection is gone, and what was to be asked on it. */
  disconnected() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
