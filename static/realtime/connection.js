/**
 * One WebSocket, kept open: reconnects with back-off, notices silence, and says why it ended.
 *
 * @module
 */

/** @import { AnyCommand, AnyEvent } from './wire.js' */

import { Backoff } from './backoff.js';

/** The server is heard at least every 25 s; two missed and some. */
const SILENCE_MS = 60_000;
const OPENING_MS = 15_000;

/** Close codes after which it is not simply tried again (apps/wire/closing.py). */
const RESTARTING = 1012;
const OUTDATED = 4400;
const SIGNED_OUT = 4401;
const TOO_MANY = 4429;

/**
 * @typedef {object} Listener
 * @property {() => void} opened a new socket is open: nothing has been said on it
 * @property {(events: AnyEvent[]) => void} frame in order
 * @property {(retryAt: number | null) => void} closed was open or failed to open
 * @property {() => void} signedOut
 * @property {() => void} outdated
 */

export class Connection {
  /** How many sockets were ever opened. */
  opened = 0;
  frames = 0;
  /** @type {WebSocket | null} */
  #socket = null;
  #backoff = new Backoff();
  #wanted = false;
  #retry = 0;
  /** Told to stay away until then. */
  #notBefore = 0;
  #watchdog = 0;
  #url;
  #listener;

  /**
   * @param {string} url
   * @param {Listener} listener
   */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
    self.addEventListener('online', () => this.hurry());
    self.addEventListener('offline', () => this.#end(this.#backoff.next()));
  }

  /** Be connected from now on. */
  start() {
    this.#wanted = true;
    this.hurry();
  }

  /** Be disconnected from now on. */
  stop() {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** Try now instead of waiting, unless the server has said how long to wait. */
  hurry() {
    if (!this.#wanted || this.#socket || Date.now() < this.#notBefore) return;
    clearTimeout(this.#retry);
    this.#open();
  }

  /** End this socket and begin another. */
  renew() {
    if (this.#socket) this.#end(this.#backoff.next());
  }

  /** All is well: the next loss starts with a short wait again. */
  settled() {
    this.#backoff.reset();
  }

  /** @param {AnyCommand} command @returns {boolean} whether there is a socket to send it on */
  send(command) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  #open() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#watch(OPENING_MS);
    socket.onopen = () => {
      this.opened += 1;
      this.#watch(SILENCE_MS);
      this.#listener.opened();
    };
    socket.onmessage = ({ data }) => {
      this.#watch(SILENCE_MS);
      this.frames += 1;
      const frame = JSON.parse(data);
      this.#listener.frame(Array.isArray(frame) ? frame : [frame]);
    };
    socket.onclose = ({ code }) => this.#closed(code);
  }

  /** @param {number} patience milliseconds of silence to bear */
  #watch(patience) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#end(this.#backoff.next()), patience);
  }

  /** @param {number} code */
  #closed(code) {
    if (code === SIGNED_OUT) {
      this.stop();
      this.#listener.signedOut();
      return;
    }
    let wait = this.#backoff.next();
    if (code === RESTARTING) wait = 10_000 * Math.random();
    if (code === OUTDATED || code === TOO_MANY) {
      wait = 60_000;
      this.#notBefore = Date.now() + wait;
    }
    this.#end(wait);
    if (code === OUTDATED) this.#listener.outdated();
  }

  /** @param {number} wait milliseconds until the next attempt */
  #end(wait) {
    if (!this.#wanted) return;
    this.#drop();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#notBefore = 0;
      this.hurry();
    }, wait);
    this.#listener.closed(Date.now() + wait);
  }

  /** A dropped socket is heard no more, even if its close takes long (a dead network). */
  #drop() {
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
