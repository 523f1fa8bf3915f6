/** @import { AnyCommand, Resume } from '../../wire.js' */
/** @import { ConnectionConfig, Transport, TransportEvents } from '../connection.js' */

import { ParleyError } from '../../both/failure.js';

/** Close codes of a socket with the same meaning. */
const BY_CODE = new Map([
  ['signed_out', 4401],
  ['rate_limited', 4429],
]);
const LOST = 1006;

/**
 * What the transports over HTTP have in common: a request that listens contains the cursors and
 * whether the person is active. All other commands are posted.
 *
 * @implements {Transport}
 */
export class Listening {
  /** @type {'active' | 'away'} */
  state = 'active';
  #abort = new AbortController();
  #config;
  #events;

  /**
   * @param {ConnectionConfig} config
   * @param {TransportEvents} events
   */
  constructor(config, events) {
    this.#config = config;
    this.#events = events;
    queueMicrotask(() => events.opened());
  }

  /** @param {AnyCommand} command @returns {boolean} false for what must be posted */
  send(command) {
    if (command.type === 'resume') void this.#begin(command);
    else if (command.type === 'presence') this.#setPresence(command);
    else return false;
    return true;
  }

  close() {
    this.#abort.abort();
  }

  /**
   * Listen until it ends; to be defined by each transport.
   *
   * @abstract
   * @param {Resume} _resume
   * @param {{ config: ConnectionConfig, events: TransportEvents, signal: AbortSignal }} _how
   * @returns {Promise<number>} the close code
   */
  listen(_resume, _how) {
    return Promise.resolve(LOST);
  }

  /** @param {Resume} resume */
  async #begin(resume) {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const [config, events] = [this.#config, this.#events];
    let [code, wait] = [LOST, 0];
    try {
      code = await this.listen(resume, { config, events, signal });
    } catch (error) {
      const failure = ParleyError.plain(error);
      [code, wait] = [BY_CODE.get(failure.code) ?? LOST, 1000 * (failure.retryAfter ?? 0)];
    }
    if (!signal.aborted) events.closed(code, wait);
  }

  /**
   * The request that listens contains it: listen again.
   *
   * @param {{ ref: string, state: 'active' | 'away' }} command
   */
  #setPresence({ ref, state }) {
    const isChanged = this.state !== state;
    this.state = state;
    queueMicrotask(() => {
      this.#events.replied([{ type: 'ack', ref }]);
      if (isChanged) this.#events.changed();
    });
  }
}
