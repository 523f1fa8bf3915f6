/**
 * Commands over the socket and the answers to them, matched by `ref`.
 *
 * @module
 */

/** @import { Ack, AnyCommand, AnyEvent } from '../wire.js' */
/** @import { FailureCode } from '../contract.js' */
/** @import { Connection } from './connection.js' */

import { ParleyError } from '../both/failure.js';

const COMMAND_TIMEOUT_MS = 10_000;

/**
 * A command without its ref, type by type.
 *
 * @template {AnyCommand} C
 * @typedef {C extends AnyCommand ? Omit<C, 'ref'> : never} WithoutRef
 */

/**
 * @typedef {object} Waiting
 * @property {(ack: Ack) => void} resolve
 * @property {(error: ParleyError) => void} reject
 * @property {number} timer
 */

export class Commands {
  #count = 0;
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  #connection;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /**
   * @param {WithoutRef<AnyCommand>} command
   * @param {number} [timeout] milliseconds
   * @returns {Promise<Ack>}
   * @throws {ParleyError} `offline` also when no answer came: it may have been carried out
   */
  ask(command, timeout = COMMAND_TIMEOUT_MS) {
    const ref = String(++this.#count);
    const full = /** @type {AnyCommand} */ ({ ...command, ref });
    return new Promise((resolve, reject) => {
      if (!this.#connection.send(full)) {
        reject(new ParleyError('offline'));
        return;
      }
      const asked = performance.now();
      const timer = setTimeout(() => {
        this.#refuse(ref, new ParleyError('offline'));
        // Silent since: the network changed, or the machine slept. A slow server is heard.
        if (this.#connection.heardAt <= asked) this.#connection.renew();
      }, timeout);
      this.#waiting.set(ref, { resolve, reject, timer });
    });
  }

  /** Take the answers out of a frame. @param {AnyEvent} event */
  handleReply(event) {
    if (event.type === 'ack') {
      const waiting = this.#remove(event.ref);
      waiting?.resolve(event);
    } else if (event.type === 'error' && event.ref) {
      const passing = event.code === 'resume_first';
      const code = /** @type {FailureCode} */ (passing ? 'unavailable' : event.code);
      this.#refuse(event.ref, new ParleyError(code, event.detail, event.retry_after ?? null));
    }
  }

  /** The socket is gone: nothing will be answered any more. */
  lost() {
    for (const ref of [...this.#waiting.keys()]) this.#refuse(ref, new ParleyError('offline'));
  }

  /** @param {string} ref @param {ParleyError} error */
  #refuse(ref, error) {
    this.#remove(ref)?.reject(error);
  }

  /** @param {string} ref */
  #remove(ref) {
    const waiting = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    if (waiting) clearTimeout(waiting.timer);
    return waiting;
  }
}
