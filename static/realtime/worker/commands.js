/**
 * Sends commands: as frames while the connection is open and caught up, else by POST. Replies are
 * matched by `ref`. A frame has a time limit; a posted command is settled by its POST.
 *
 * @module
 */

/** @import { Ack, AnyCommand, AnyEvent } from '../wire.js' */
/** @import { Command, FailureCode } from '../contract.js' */
/** @import { Connection } from './connection.js' */
/** @import { Http } from '../both/http.js' */

import { ParleyError } from '../both/failure.js';
import { CommandPoster } from './command-poster.js';

const FRAME_TIMEOUT_MS = 10_000;
/** How long a command may wait behind another POST. After that it is never posted. */
const QUEUE_TIMEOUT_MS = 10_000;
/** How long to wait for the last replies on a connection that is left. The server gives them sooner. */
const LEAVE_TIMEOUT_MS = 3000;

/**
 * @typedef {object} Waiting
 * @property {(ack: Ack) => void} resolve
 * @property {(error: ParleyError) => void} reject
 * @property {number} timer of a frame, or of a command in the queue
 * @property {boolean} needsConnection whether it was sent on the connection, and fails with it
 */

export class Commands {
  #lastRef = 0;
  /** By `ref`, until the reply comes. @type {Map<string, Waiting>} */
  #waiting = new Map();
  #repliedAt = 0;
  /** Resolves `leave`. @type {(() => void) | null} */
  #left = null;
  #connection;
  #isSynced;
  #poster;

  /**
   * @param {Connection} connection
   * @param {Http} http
   * @param {() => boolean} isSynced whether the connection is open and caught up
   */
  constructor(connection, http, isSynced) {
    this.#connection = connection;
    this.#isSynced = isSynced;
    this.#poster = new CommandPoster(http, {
      isWaiting: (ref) => this.#waiting.has(ref),
      posted: (ref) => clearTimeout(this.#waiting.get(ref)?.timer),
      replied: (events) => events.forEach((event) => this.handleReply(event)),
      failed: (ref, error) => this.#fail(ref, error),
    });
  }

  /**
   * @param {Command} command
   * @returns {Promise<Ack>}
   * @throws {ParleyError} `offline` also when no reply came: it may have been carried out
   */
  send(command) {
    const full = this.#withRef(command);
    const isSent = !this.#left && this.#isSynced() && this.#connection.send(full);
    const reply = this.#replyTo(full, isSent ? FRAME_TIMEOUT_MS : QUEUE_TIMEOUT_MS, isSent);
    // Streams and polling carry no commands, so those are posted, too.
    if (!isSent) this.#poster.add(full);
    return reply;
  }

  /**
   * Send on the connection, or fail: for commands that are about the connection itself.
   *
   * @param {Command} command
   * @param {number} timeout milliseconds
   * @returns {Promise<Ack>}
   * @throws {ParleyError}
   */
  async sendOnConnection(command, timeout) {
    const full = this.#withRef(command);
    if (!this.#connection.send(full)) throw new ParleyError('offline');
    return this.#replyTo(full, timeout, true);
  }

  /** Resolve or reject the command that an event replies to. @param {AnyEvent} event */
  handleReply(event) {
    if (event.type === 'ack') {
      this.#repliedAt = performance.now();
      this.#remove(event.ref)?.resolve(event);
    } else if (event.type === 'error' && event.ref) {
      this.#repliedAt = performance.now();
      const isTransient = event.code === 'resume_first';
      const code = /** @type {FailureCode} */ (isTransient ? 'unavailable' : event.code);
      this.#fail(event.ref, new ParleyError(code, event.detail, event.retry_after ?? null));
    }
  }

  /** Send nothing more on this connection. @returns {Promise<void>} when the last reply is there */
  leave() {
    return new Promise((resolve) => {
      this.#left = resolve;
      setTimeout(resolve, LEAVE_TIMEOUT_MS);
      this.#checkLeft();
    });
  }

  /** The connection is lost: commands sent while it was open get no reply any more. */
  disconnected() {
    for (const [ref, { needsConnection }] of this.#waiting) {
      if (needsConnection) this.#fail(ref, new ParleyError('offline'));
    }
    this.#left = null;
  }

  /** The session has ended: fail all commands; those that wait are not posted in another session. */
  signedOut() {
    for (const ref of this.#waiting.keys()) this.#fail(ref, new ParleyError('signed_out'));
  }

  /** @param {Command} command */
  #withRef(command) {
    return /** @type {AnyCommand} */ ({ ...command, ref: String(++this.#lastRef) });
  }

  /**
   * @param {AnyCommand} command
   * @param {number} timeout milliseconds
   * @param {boolean} needsConnection
   * @returns {Promise<Ack>}
   */
  #replyTo({ ref }, timeout, needsConnection) {
    const sentAt = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(ref, new ParleyError('offline'));
        // No sign of life since: the network changed, or the machine slept. A slow server is heard.
        const heardAt = Math.max(this.#connection.heardAt, this.#repliedAt);
        if (needsConnection && heardAt <= sentAt) this.#connection.reconnect();
      }, timeout);
      this.#waiting.set(ref, { resolve, reject, timer, needsConnection });
    });
  }

  /** @param {string} ref @param {ParleyError} error */
  #fail(ref, error) {
    this.#remove(ref)?.reject(error);
  }

  /** @param {string} ref */
  #remove(ref) {
    const waiting = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    if (waiting) clearTimeout(waiting.timer);
    this.#checkLeft();
    return waiting;
  }

  #checkLeft() {
    if ([...this.#waiting.values()].every(({ needsConnection }) => !needsConnection)) this.#left?.();
  }
}
