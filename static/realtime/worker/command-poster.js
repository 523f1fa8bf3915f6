/**
 * Commands without a socket: several that wait go in one POST, one POST at a time, so that they are
 * carried out in their order.
 *
 * @module
 */

/** @import { AnyCommand, AnyEvent } from '../wire.js' */
/** @import { Http } from '../both/http.js' */

import { ParleyError } from '../both/failure.js';

const MAX_COMMANDS = 20;
/** Characters; the server takes a good million bytes. */
const MAX_CHARACTERS = 200_000;

export class CommandPoster {
  /** @type {AnyCommand[]} */
  #queue = [];
  #busy = false;
  #http;
  #answered;

  /**
   * @param {Http} http
   * @param {(events: AnyEvent[]) => void} answered
   */
  constructor(http, answered) {
    this.#http = http;
    this.#answered = answered;
  }

  /** @param {AnyCommand} command */
  add(command) {
    this.#queue.push(command);
    if (!this.#busy) void this.#pump();
  }

  /** What has not been posted never is: by now its askers are told that it failed. */
  close() {
    this.#queue = [];
  }

  async #pump() {
    this.#busy = true;
    while (this.#queue.length) {
      const batch = this.#next();
      const answers = await this.#http
        .post('/commands', batch)
        .catch((error) => refusals(batch, ParleyError.plain(error)));
      this.#answered([answers].flat());
    }
    this.#busy = false;
  }

  #next() {
    let text = 0;
    const some = this.#queue.slice(0, MAX_COMMANDS).findIndex((command) => {
      text += JSON.stringify(command).length;
      return text > MAX_CHARACTERS;
    });
    return this.#queue.splice(0, some < 0 ? MAX_COMMANDS : Math.max(1, some));
  }
}

/**
 * What could not be asked may be asked again: nothing of it is known to have happened.
 *
 * @param {AnyCommand[]} batch
 * @param {import('../contract.js').Failure} failure
 * @returns {AnyEvent[]}
 */
function refusals(batch, { detail, retryAfter }) {
  return batch.map(({ ref }) => ({
    type: 'error',
    ref,
    code: 'unavailable',
    detail,
    retry_after: retryAfter,
  }));
}
