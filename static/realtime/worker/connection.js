/**
 * One connection, kept open: reconnects with back-off, notices silence, falls back to another
 * transport where sockets are refused, and says why it ended.
 *
 * @module
 */

/** @import { AnyCommand, AnyEvent, Resume } from '../wire.js' */
/** @import { Http } from '../both/http.js' */

import { Backoff } from './backoff.js';
import { Socket } from './transports/socket.js';

/** The server sends something at least every 25 s: two missed heartbeats and some. */
const SILENCE_TIMEOUT_MS = 60_000;
/** For the first frame. A proxy may hold back a stream until it ends. */
const OPENING_TIMEOUT_MS = 15_000;
const STREAM_OPENING_TIMEOUT_MS = 6_000;
/** After so many sockets in a row without a frame, the next transport is tried. */
const MAX_FAILED_SOCKETS = 2;
/** How long a fallback is used before a socket is tried again; longer each time. */
const PROBE_DELAY_MS = 5 * 60_000;
const MAX_PROBE_DELAY_MS = 60 * 60_000;

/** Close codes that need more than another attempt (apps/wire/close_codes.py). */
const RESTARTING = 1012;
const OUTDATED = 4400;
const SIGNED_OUT = 4401;
const TOO_MANY = 4429;

/**
 * Where the server is, and what a request that listens contains.
 *
 * @typedef {object} ConnectionConfig
 * @property {string} origin
 * @property {Http} http
 * @property {() => Omit<Resume, 'type' | 'ref'>} cursor what is held
 *
 * @typedef {object} Transport
 * @property {(command: AnyCommand) => boolean} send whether it could be sent
 * @property {() => void} close no event follows
 *
 * @typedef {object} TransportEvents
 * @property {() => void} opened commands may be sent
 * @property {(frame: AnyEvent | AnyEvent[]) => void} frame
 * @property {(events: AnyEvent[]) => void} replied replies that the client made itself
 * @property {() => void} changed what the request that listens says is no longer true: resume
 * @property {(code: number, wait?: number) => void} closed was open or failed to open; `wait`: how
 *   long to stay away, in milliseconds
 *
 * @typedef {object} ConnectionEvents
 * @property {(needsResume: boolean) => void} opened nothing was sent on it yet. `needsResume`: the
 *   server waits for a resume, without a `welcome` before it
 * @property {(events: AnyEvent[]) => void} frame in order
 * @property {(retryAt: number | null) => void} closed was open or failed to open
 * @property {() => void} signedOut
 * @property {() => void} outdated
 */

/**
 * The best first. Fallbacks are loaded when they are needed.
 *
 * @type {{ name: 'socket' | 'stream' | 'poll', openingTimeout: number,
 *   make: (config: ConnectionConfig, events: TransportEvents) => Transport | Promise<Transport>
 *   }[]}
 */
const TRANSPORTS = [
  {
    name: 'socket',
    openingTimeout: OPENING_TIMEOUT_MS,
    make: ({ origin }, events) => new Socket(origin, events),
  },
  {
    name: 'stream',
    openingTimeout: STREAM_OPENING_TIMEOUT_MS,
    make: async (...args) => new (await import('./transports/stream.js')).Stream(...args),
  },
  {
    name: 'poll',
    openingTimeout: OPENING_TIMEOUT_MS,
    make: async (...args) => new (await import('./transports/poll.js')).Poll(...args),
  },
];

export class Connection {
  /** How many connections were opened. */
  opened = 0;
  frames = 0;
  /** When the server was last heard (`performance.now`). */
  heardAt = 0;
  /** The present attempt: events of earlier ones are ignored. @type {object | null} */
  #attempt = null;
  /** @type {Transport | null} */
  #transport = null;
  /** Index of the transport in use. */
  #level = 0;
  /** Whether a frame came in this attempt. */
  #hasFrame = false;
  /** Attempts in a row without a frame. */
  #misses = 0;
  #backoff = new Backoff();
  #isWanted = false;
  #retryTimer = 0;
  /** The server asked to stay away until this time (`performance.now`). */
  #notBefore = 0;
  #watchdog = 0;
  #probeTimer = 0;
  #probeDelay = PROBE_DELAY_MS;
  #config;
  #events;

  /**
   * @param {ConnectionConfig} config
   * @param {ConnectionEvents} events
   */
  constructor(config, events) {
    this.#config = config;
    this.#events = events;
    self.addEventListener('online', () => {
      // Perhaps another network, which lets sockets through.
      if (!this.#attempt) this.#level = 0;
      this.connectNow();
    });
    self.addEventListener('offline', () => this.#end(this.#backoff.next()));
  }

  /** The transport in use, or the next one to try. */
  get transport() {
    return TRANSPORTS[this.#level].name;
  }

  /** Be connected from now on. */
  start() {
    this.#isWanted = true;
    this.connectNow();
  }

  /** Be disconnected from now on. */
  stop() {
    this.#isWanted = false;
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  /** Try now instead of waiting, unless the server said how long to wait. */
  connectNow() {
    if (!this.#isWanted || this.#attempt || performance.now() < this.#notBefore) return;
    clearTimeout(this.#retryTimer);
    void this.#open();
  }

  /** End this connection and open another one. */
  reconnect() {
    if (this.#attempt) this.#end(this.#backoff.next());
  }

  /** The server asks for another connection, and has one ready. Nothing is wrong: do not wait. */
  move() {
    if (this.#attempt) this.#end(0);
  }

  /** The connection has caught up: the next loss starts with a short wait again. */
  settled() {
    this.#backoff.reset();
    if (this.#level && !this.#probeTimer) this.#scheduleProbe();
  }

  /** @param {AnyCommand} command @returns {boolean} false when this connection cannot carry it */
  send(command) {
    return this.#transport?.send(command) ?? false;
  }

  async #open() {
    const attempt = {};
    this.#attempt = attempt;
    this.#hasFrame = false;
    const { make, openingTimeout } = TRANSPORTS[this.#level];
    this.#watch(openingTimeout);
    const events = this.#eventsOf(attempt);
    try {
      const transport = await make(this.#config, events);
      if (this.#attempt === attempt) this.#transport = transport;
      else transport.close();
    } catch {
      events.closed(0);
    }
  }

  /** @param {object} attempt @returns {TransportEvents} */
  #eventsOf(attempt) {
    /** @type {<A extends unknown[]>(handle: (...args: A) => void) => (...args: A) => void} */
    const current = (handle) => (...args) => void (this.#attempt === attempt && handle(...args));
    return {
      opened: current(() => {
        this.opened += 1;
        this.#events.opened(this.#level > 0);
      }),
      frame: current((frame) => {
        this.#hasFrame = true;
        this.heardAt = performance.now();
        this.#misses = 0;
        this.#watch(SILENCE_TIMEOUT_MS);
        this.frames += 1;
        this.#events.frame(Array.isArray(frame) ? frame : [frame]);
      }),
      replied: current((events) => this.#events.frame(events)),
      changed: current(() => this.#events.opened(true)),
      closed: current((code, wait = 0) => this.#closed(code, wait)),
    };
  }

  /** End the attempt after a silence. @param {number} timeout milliseconds */
  #watch(timeout) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#end(this.#fallBack() ? 0 : this.#backoff.next());
    }, timeout);
  }

  /** @param {number} code @param {number} asked milliseconds to stay away */
  #closed(code, asked) {
    if (code === SIGNED_OUT) {
      this.stop();
      this.#events.signedOut();
      return;
    }
    const isFallback = code < RESTARTING && this.#fallBack();
    let wait = isFallback ? 0 : Math.max(asked, this.#backoff.next());
    if (code === RESTARTING) wait = 10_000 * Math.random();
    if (code === OUTDATED || code === TOO_MANY) {
      wait = asked || 60_000;
      this.#notBefore = performance.now() + wait;
    }
    this.#end(wait);
    if (code === OUTDATED) this.#events.outdated();
  }

  /**
   * After an attempt without a frame, choose the next transport; after the last one the socket.
   *
   * @returns {boolean} whether a fallback is to be tried at once
   */
  #fallBack() {
    if (this.#hasFrame) return false;
    this.#misses += 1;
    if (!this.#level && this.#misses < MAX_FAILED_SOCKETS) return false;
    this.#misses = 0;
    this.#level = (this.#level + 1) % TRANSPORTS.length;
    return this.#level > 0;
  }

  #scheduleProbe() {
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = 0;
      if (this.#isWanted && this.#level) this.#probeSocket();
    }, this.#probeDelay);
  }

  /** Try whether sockets pass by now, while the fallback goes on. */
  #probeSocket() {
    const nothing = () => {};
    const probe = new Socket(this.#config.origin, {
      opened: nothing,
      replied: nothing,
      changed: nothing,
      frame: () => {
        probe.close();
        this.#probeDelay = PROBE_DELAY_MS;
        this.#level = 0;
        this.reconnect();
      },
      closed: () => {
        this.#probeDelay = Math.min(MAX_PROBE_DELAY_MS, 2 * this.#probeDelay);
        if (!this.#probeTimer) this.#scheduleProbe();
      },
    });
  }

  /** @param {number} wait milliseconds until the next attempt */
  #end(wait) {
    if (!this.#isWanted) return;
    this.#drop();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      this.#notBefore = 0;
      this.connectNow();
    }, wait);
    this.#events.closed(Date.now() + wait);
  }

  #drop() {
    clearTimeout(this.#watchdog);
    const transport = this.#transport;
    this.#attempt = this.#transport = null;
    transport?.close();
  }
}
