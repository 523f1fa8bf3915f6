/**
 * Listening to a stream of events (Server-Sent Events), read by `fetch`: unlike an EventSource it
 * can say what is held.
 *
 * @module
 */

/** @import { Resume } from '../../wire.js' */
/** @import { Place, Told } from '../connection.js' */

import { Listening } from './listening.js';

const LOST = 1006;

export class Stream extends Listening {
  /**
   * @param {Resume} resume
   * @param {{ place: Place, told: Told, signal: AbortSignal }} way
   */
  async listen(resume, { place, told, signal }) {
    const path = `/events/stream?state=${this.state}`;
    const { body } = await place.http.listen(path, resume, signal);
    let text = '';
    const decoder = new TextDecoder();
    // Not every browser lets a stream be walked by `for await`.
    const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return LOST;
      const blocks = (text + decoder.decode(value, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith('event: close\ndata: ')) return Number(block.slice(19));
        if (block.startsWith('data: ')) told.frame(JSON.parse(block.slice(6)));
      }
    }
  }
}
