/** @import { AnyCommand } from '../../wire.js' */
/** @import { TransportEvents, Transport } from '../connection.js' */

/**
 * Both directions on one WebSocket.
 *
 * @implements {Transport}
 */
export class Socket {
  #socket;

  /**
   * @param {string} origin
   * @param {TransportEvents} events
   */
  constructor(origin, events) {
    this.#socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/ws`);
    this.#socket.onopen = () => events.opened();
    this.#socket.onmessage = ({ data }) => events.frame(JSON.parse(data));
    this.#socket.onclose = ({ code }) => events.closed(code);
  }

  /** @param {AnyCommand} command */
  send(command) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  /** No event follows, even if closing takes long (a dead network). */
  close() {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
