/** @import { Owner } from './owner.js' */

import { Backoff } from './backoff.js';
import { newestSpanHashes } from './self-check.js';

/**
 * A resume may carry thousands of chats over a slow network. Each frame is applied as it comes, and
 * silence ends the connection (connection.js).
 */
const RESUME_TIMEOUT_MS = 600_000;

/** Asks for missed events: once on every connection, and again when an event turns out lost. */
export class Resumer {
  count = 0;
  #isRunning = false;
  #timer = 0;
  #backoff = new Backoff();
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /** Send the cursors of all that is held; the server sends what came after them. */
  async resume() {
    if (this.#isRunning) return;
    const { model, cacheWriter, commands, connection } = this.#owner;
    this.#isRunning = true;
    this.disconnected();
    this.count += 1;
    const cursor = model.cursor();
    try {
      const hashes = newestSpanHashes(model, cacheWriter.cache).catch(() => ({}));
      const held = cursor.epoch === null ? {} : await hashes;
      await commands.sendOnConnection({ type: 'resume', ...cursor, held }, RESUME_TIMEOUT_MS);
    } catch {
      // Without a reply this connection is of no use.
      connection.reconnect();
    } finally {
      this.#isRunning = false;
    }
  }

  /**
   * An event was lost. A resume that runs brings that one, too. Repeated ones wait longer and
   * longer, so that a server that cannot fill a gap is not asked without end.
   */
  missing() {
    if (this.#isRunning || this.#timer) return;
    const wait = this.#backoff.tried ? this.#backoff.next() : (this.#backoff.next(), 0);
    this.#timer = setTimeout(() => void this.resume(), wait);
  }

  /** Nothing was missing for a while: the next lost event is asked for at once. */
  settled() {
    if (!this.#isRunning && !this.#timer) this.#backoff.reset();
  }

  /** The connection is lost, and with it the resume that waited. */
  disconnected() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
