/**
 * One connection, kept open: reconnects with back-off, notices silence, falls back to another transport
 * where sockets are refused, and says why it ended.
 *
 * @module
 */

/** @import { AnyCommand, AnyEvent, Resume } from '../wire.js' */
/** @import { Http } from '../both/http.js' */

import { Backoff } from './backoff.js';
import { Socket } from './transports/socket.js';

/** The server is heard at least every 25 s; two missed and some. */
const SILENCE_TIMEOUT_MS = 60_000;
/** How long the first word may take. A stream that says nothing is kept back by some proxy. */
const OPENING_TIMEOUT_MS = 15_000;
const STREAM_OPENING_TIMEOUT_MS = 6_000;
/** So many sockets in a row that never said a word, and the next way is tried. */
const MAX_FAILED_SOCKETS = 2;
/** How long another transport is used before a socket is tried beside it; longer each time. */
const PROBE_DELAY_MS = 5 * 60_000;
const MAX_PROBE_DELAY_MS = 60 * 60_000;

/** Close codes after which it is not simply tried again (apps/wire/close_codes.py). */
const RESTARTING = 1012;
const OUTDATED = 4400;
const SIGNED_OUT = 4401;
const TOO_MANY = 4429;

/**
 * Where the server is, and what a request that listens says.
 *
 * @typedef {object} ConnectionConfig
 * @property {string} origin
 * @property {Http} http
 * @property {() => Omit<Resume, 'type' | 'ref'>} cursor what is held
 *
 * @typedef {object} Transport
 * @property {(command: AnyCommand) => boolean} send whether it could be sent
 * @property {() => void} close ends it without a word
 *
 * @typedef {object} TransportEvents what a transport tells of
 * @property {() => void} opened commands may be sent
 * @property {(frame: AnyEvent | AnyEvent[]) => void} frame
 * @property {(events: AnyEvent[]) => void} answered answers that came another way
 * @property {() => void} again what it said of us is no longer true: resume
 * @property {(code: number, wait?: number) => void} closed was open or failed to open; `wait`: how
 *   long to stay away, in milliseconds
 *
 * @typedef {object} ConnectionEvents
 * @property {(asks: boolean) => void} opened a new transport is open: nothing has been said on it.
 *   `asks`: it is for us to begin, with a resume
 * @property {(events: AnyEvent[]) => void} frame in order
 * @property {(retryAt: number | null) => void} closed was open or failed to open
 * @property {() => void} signedOut
 * @property {() => void} outdated
 */

/**
 * Best first. What is only wanted where sockets are refused is fetched then.
 *
 * @type {{ name: 'socket' | 'stream' | 'poll', openingTimeout: number,
 *   make: (config: ConnectionConfig, events: TransportEvents) => Transport | Promise<Transport> }[]}
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
    make: async (config, events) => new (await import('./transports/stream.js')).Stream(config, events),
  },
  {
    name: 'poll',
    openingTimeout: OPENING_TIMEOUT_MS,
    make: async (config, events) => new (await import('./transports/poll.js')).Poll(config, events),
  },
];

export class Connection {
  /** How many connections were ever opened. */
  opened = 0;
  frames = 0;
  /** When the server was last heard (`performance.now`). */
  heardAt = 0;
  /** The present attempt: whoever speaks for an earlier one is not heard. @type {object | null} */
  #attempt = null;
  /** @type {Transport | null} */
  #transport = null;
  #level = 0;
  /** Whether anything was heard in this attempt. */
  #heard = false;
  #misses = 0;
  #backoff = new Backoff();
  #wanted = false;
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
      // Another network, perhaps.
      if (!this.#attempt) this.#level = 0;
      this.hurry();
    });
    self.addEventListener('offline', () => this.#end(this.#backoff.next()));
  }

  /** How it listens, or would next. */
  get transport() {
    return TRANSPORTS[this.#level].name;
  }

  /** Be connected from now on. */
  start() {
    this.#wanted = true;
    this.hurry();
  }

  /** Be disconnected from now on. */
  stop() {
    this.#wanted = false;
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  /** Try now instead of waiting, unless the server has said how long to wait. */
  hurry() {
    if (!this.#wanted || this.#attempt || performance.now() < this.#notBefore) return;
    clearTimeout(this.#retryTimer);
    void this.#open();
  }

  /** End this connection and begin another. */
  renew() {
    if (this.#attempt) this.#end(this.#backoff.next());
  }

  /** All is well: the next loss starts with a short wait again. */
  settled() {
    this.#backoff.reset();
    if (this.#level && !this.#probeTimer) this.#scheduleProbe();
  }

  /** @param {AnyCommand} command @returns {boolean} whether there is a transport to send it on */
  send(command) {
    return this.#transport?.send(command) ?? false;
  }

  async #open() {
    const attempt = {};
    this.#attempt = attempt;
    this.#heard = false;
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
    const now = (handle) => (...args) => void (this.#attempt === attempt && handle(...args));
    return {
      opened: now(() => {
        this.opened += 1;
        this.#events.opened(this.#level > 0);
      }),
      frame: now((frame) => {
        this.#heard = true;
        this.heardAt = performance.now();
        this.#misses = 0;
        this.#watch(SILENCE_TIMEOUT_MS);
        this.frames += 1;
        this.#events.frame(Array.isArray(frame) ? frame : [frame]);
      }),
      answered: now((events) => {
        this.heardAt = performance.now();
        this.#events.frame(events);
      }),
      again: now(() => this.#events.opened(true)),
      closed: now((code, wait = 0) => this.#closed(code, wait)),
    };
  }

  /** @param {number} openingTimeout milliseconds of silence to bear */
  #watch(openingTimeout) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#end(this.#missed() ? 0 : this.#backoff.next());
    }, openingTimeout);
  }

  /** @param {number} code @param {number} asked milliseconds to stay away */
  #closed(code, asked) {
    if (code === SIGNED_OUT) {
      this.stop();
      this.#events.signedOut();
      return;
    }
    const fallsBack = code < RESTARTING && this.#missed();
    let wait = fallsBack ? 0 : Math.max(asked, this.#backoff.next());
    if (code === RESTARTING) wait = 10_000 * Math.random();
    if (code === OUTDATED || code === TOO_MANY) {
      wait = asked || 60_000;
      this.#notBefore = performance.now() + wait;
    }
    this.#end(wait);
    if (code === OUTDATED) this.#events.outdated();
  }

  /**
   * Without a word heard, the next way may be better; that of a socket when none has helped.
   *
   * @returns {boolean} whether another transport is to be tried at once
   */
  #missed() {
    if (this.#heard) return false;
    this.#misses += 1;
    if (!this.#level && this.#misses < MAX_FAILED_SOCKETS) return false;
    this.#misses = 0;
    this.#level = (this.#level + 1) % TRANSPORTS.length;
    return this.#level > 0;
  }

  #scheduleProbe() {
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = 0;
      if (this.#wanted && this.#level) this.#probeSocket();
    }, this.#probeDelay);
  }

  /** Whether sockets pass by now, asked beside what works. */
  #probeSocket() {
    const nothing = () => {};
    const probe = new Socket(this.#config.origin, {
      opened: nothing,
      answered: nothing,
      again: nothing,
      frame: () => {
        probe.close();
        this.#probeDelay = PROBE_DELAY_MS;
        this.#level = 0;
        this.renew();
      },
      closed: () => {
        this.#probeDelay = Math.min(MAX_PROBE_DELAY_MS, 2 * this.#probeDelay);
        if (!this.#probeTimer) this.#scheduleProbe();
      },
    });
  }

  /** @param {number} wait milliseconds until the next attempt */
  #end(wait) {
    if (!this.#wanted) return;
    this.#drop();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      this.#notBefore = 0;
      this.hurry();
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
