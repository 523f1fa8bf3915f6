/**
 * Long polling: each answer is a frame and names the next question.
 *
 * @module
 */

/** @import { Resume } from '../../wire.js' */
/** @import { Place, Told } from '../connection.js' */

import { Listening } from './listening.js';

export class Poll extends Listening {
  /**
   * @param {Resume} resume
   * @param {{ place: Place, told: Told, signal: AbortSignal }} way
   * @returns {Promise<number>} never; it throws when it cannot go on
   */
  async listen(resume, { place, told, signal }) {
    let after = '';
    for (;;) {
      const query = new URLSearchParams({ state: this.state, ...(after && { after }) });
      const answer = await place.http.listen(`/events?${query}`, resume, signal);
      after = answer.headers.get('Parley-Next') ?? '';
      const events = await answer.json();
      signal.throwIfAborted();
      told.frame(events);
      resume = { type: 'resume', ref: 'poll', ...place.cursor() };
    }
  }
}
