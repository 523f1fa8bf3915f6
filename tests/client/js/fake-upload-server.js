/**
 * A server that takes uploads.
 *
 * @module
 */

import { ParleyError } from '../../../static/realtime/both/failure.js';

export const KB = 1024;

/** `refuse` may throw instead of taking bytes. */
export class FakeServer {
  /** @type {Map<string, any>} by id */
  files = new Map();
  /** @type {string[]} */
  log = [];
  /** @type {(start: number, bytes: number) => void} */
  refuse = () => {};
  /** Files that are processed until the test says otherwise. */
  holding = false;

  /** @param {string} _ @param {any} body */
  async post(_, body) {
    const known = [...this.files.values()].find(({ client_id }) => client_id === body.client_id);
    const id = known?.id ?? `file-${this.files.size + 1}`;
    this.log.push(`begin ${id}`);
    if (!known) this.files.set(id, { ...body, id, received: 0, state: 'uploading' });
    return { ...this.files.get(id) };
  }

  /** @param {string} path */
  async get(path) {
    const file = this.files.get(path.split('/')[2]);
    if (!file) throw new ParleyError('not_found');
    if (file.state === 'processing' && !this.holding) file.state = 'ready';
    return { ...file };
  }

  /** @param {string} path */
  async delete(path) {
    this.log.push(`delete ${path.split('/')[2]}`);
    this.files.delete(path.split('/')[2]);
  }

  /** @param {string} path @param {{ bytes: ArrayBuffer, start: number }} part */
  async sendBytes(path, { bytes, start }) {
    await Promise.resolve();
    const file = this.files.get(path.split('/')[2]);
    if (!file) throw new ParleyError('not_found');
    this.refuse(start, bytes.byteLength);
    if (start !== file.received) throw new ParleyError('conflict');
    this.log.push(`${file.id} ${start / KB}+${bytes.byteLength / KB}`);
    file.received += bytes.byteLength;
    if (file.received === file.size) file.state = 'processing';
    return file.received;
  }
}
