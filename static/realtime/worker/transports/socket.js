/** @import { AnyCommand } from '../../wire.js' */
/** @import { Told, Transport } from '../connection.js' */

/**
 * The best way: both directions on one WebSocket.
 *
 * @implements {Transport}
 */
export class Socket {
  #socket;

  /**
   * @param {string} origin
   * @param {Told} told
   */
  constructor(origin, told) {
    this.#socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/ws`);
    this.#socket.onopen = () => told.opened();
    this.#socket.onmessage = ({ data }) => told.frame(JSON.parse(data));
    this.#socket.onclose = ({ code }) => told.closed(code);
  }

  /** @param {AnyCommand} command */
  send(command) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  /** Heard no more from now on, even if closing takes long (a dead network). */
  close() {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
