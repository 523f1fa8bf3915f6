/**
 * Long polling: each answer is a frame and names the next question.
 *
 * @module
 */

/** @import { Resume } from '../../wire.js' */
/** @import { ConnectionConfig, TransportEvents } from '../connection.js' */

import { Listening } from './listening.js';

export class Poll extends Listening {
  /**
   * @param {Resume} resume
   * @param {{ config: ConnectionConfig, events: TransportEvents, signal: AbortSignal }} way
   * @returns {Promise<number>} never; it throws when it cannot go on
   */
  async listen(resume, { config, events, signal }) {
    let after = '';
    for (;;) {
      const query = new URLSearchParams({ state: this.state, ...(after && { after }) });
      const answer = await config.http.listen(`/events?${query}`, resume, signal);
      after = answer.headers.get('Parley-Next') ?? '';
      const frame = await answer.json();
      signal.throwIfAborted();
      events.frame(frame);
      resume = { type: 'resume', ref: 'poll', ...config.cursor() };
    }
  }
}
