/**
 * Server-Sent Events, read by `fetch`: unlike an EventSource it can send the cursors.
 *
 * @module
 */

/** @import { Resume } from '../../wire.js' */
/** @import { ConnectionConfig, TransportEvents } from '../connection.js' */

import { Listening } from './listening.js';

const LOST = 1006;

export class Stream extends Listening {
  /**
   * @param {Resume} resume
   * @param {{ config: ConnectionConfig, events: TransportEvents, signal: AbortSignal }} how
   */
  async listen(resume, { config, events, signal }) {
    const path = `/events/stream?state=${this.state}`;
    const { body } = await config.http.listen(path, resume, signal);
    let text = '';
    const decoder = new TextDecoder();
    // Not every browser can iterate a stream by `for await`.
    const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return LOST;
      const blocks = (text + decoder.decode(value, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith('event: close\ndata: ')) return Number(block.slice(19));
        if (block.startsWith('data: ')) events.frame(JSON.parse(block.slice(6)));
      }
    }
  }
}
