/**
 * Commands by POST: those that wait go together in one request, one request at a time, so that the
 * server carries them out in their order.
 *
 * @module
 */

/** @import { AnyCommand, AnyEvent } from '../wire.js' */
/** @import { Http } from '../both/http.js' */

import { ParleyError } from '../both/failure.js';

const MAX_COMMANDS = 20;
/** The server takes a good million bytes in one request. */
const MAX_CHARACTERS = 200_000;
/** What a failed request says of each of its commands. Any other failure is a proxy's. */
const CODES = ['offline', 'rate_limited', 'signed_out', 'too_long'];

/**
 * @typedef {object} CommandPosterDeps
 * @property {(ref: string) => boolean} isWaiting whether a reply is still awaited
 * @property {(ref: string) => void} posted its POST begins, and settles it from now on
 * @property {(events: AnyEvent[]) => void} replied
 * @property {(ref: string, error: ParleyError) => void} failed
 */

export class CommandPoster {
  /** @type {AnyCommand[]} */
  #queue = [];
  #isPosting = false;
  #http;
  #deps;

  /**
   * @param {Http} http
   * @param {CommandPosterDeps} deps
   */
  constructor(http, deps) {
    this.#http = http;
    this.#deps = deps;
  }

  /** @param {AnyCommand} command */
  add(command) {
    this.#queue.push(command);
    if (!this.#isPosting) void this.#postAll();
  }

  async #postAll() {
    this.#isPosting = true;
    for (let batch = this.#nextBatch(); batch.length; batch = this.#nextBatch()) {
      await this.#post(batch);
    }
    this.#isPosting = false;
  }

  /** @param {AnyCommand[]} batch */
  async #post(batch) {
    for (const { ref } of batch) this.#deps.posted(ref);
    /** @type {unknown} */
    let problem = '';
    try {
      const replies = await this.#request(batch);
      this.#deps.replied([replies].flat());
    } catch (error) {
      problem = error;
    }
    // Also fail commands that the response has no reply for: their timers have ended.
    const { code, detail, retryAfter } = ParleyError.plain(problem);
    const known = CODES.includes(code) ? code : 'unavailable';
    const failure = new ParleyError(known, detail, retryAfter);
    for (const { ref } of batch) this.#deps.failed(ref, failure);
  }

  /**
   * A whole request is forbidden when its token is not the session's. Nothing was carried out: repeat
   * it with the token of a newer page, if there is one.
   *
   * @param {AnyCommand[]} batch
   * @returns {Promise<AnyEvent | AnyEvent[]>}
   */
  async #request(batch) {
    const { csrf } = this.#http;
    try {
      return await this.#http.post('/commands', batch);
    } catch (error) {
      if (ParleyError.plain(error).code !== 'forbidden') throw error;
    }
    await this.#http.checkSession(csrf);
    return this.#request(batch);
  }

  /** A command that has failed while it waited is never posted. */
  #nextBatch() {
    this.#queue = this.#queue.filter(({ ref }) => this.#deps.isWaiting(ref));
    let characters = 0;
    const fits = this.#queue.slice(0, MAX_COMMANDS).findIndex((command) => {
      characters += JSON.stringify(command).length;
      return characters > MAX_CHARACTERS;
    });
    return this.#queue.splice(0, fits < 0 ? MAX_COMMANDS : Math.max(1, fits));
  }
}
