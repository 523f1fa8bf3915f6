/**
 * Long polling: each response is a frame and carries a token for the next request.
 *
 * @module
 */

/** @import { Resume } from '../../wire.js' */
/** @import { ConnectionConfig, TransportEvents } from '../connection.js' */

import { Listening } from './listening.js';

export class Poll extends Listening {
  /**
   * @param {Resume} resume
   * @param {{ config: ConnectionConfig, events: TransportEvents, signal: AbortSignal }} how
   * @returns {Promise<number>} never resolves; rejects when it cannot go on
   */
  async listen(resume, { config, events, signal }) {
    let after = '';
    for (;;) {
      const query = new URLSearchParams({ state: this.state, ...(after && { after }) });
      const response = await config.http.listen(`/events?${query}`, resume, signal);
      after = response.headers.get('Parley-Next') ?? '';
      const frame = await response.json();
      signal.throwIfAborted();
      events.frame(frame);
      resume = { type: 'resume', ref: 'poll', ...config.cursor() };
    }
  }
}
