/**
 * One connection, kept open: reconnects with back-off, notices silence, falls back to a lesser way
 * where sockets are refused, and says why it ended.
 *
 * @module
 */

/** @import { AnyCommand, AnyEvent, Resume } from '../wire.js' */
/** @import { Http } from '../both/http.js' */

import { Backoff } from './backoff.js';
import { Socket } from './transports/socket.js';

/** The server is heard at least every 25 s; two missed and some. */
const SILENCE_MS = 60_000;
/** How long the first word may take. A stream that says nothing is kept back by some proxy. */
const OPENING_MS = 15_000;
const STREAM_OPENING_MS = 6_000;
/** So many sockets in a row that never said a word, and the next way is tried. */
const PATIENCE = 2;
/** How long a lesser way is used before a socket is tried beside it; longer each time. */
const BETTER_MS = 5 * 60_000;
const BETTER_LONGEST_MS = 60 * 60_000;

/** Close codes after which it is not simply tried again (apps/wire/close_codes.py). */
const RESTARTING = 1012;
const OUTDATED = 4400;
const SIGNED_OUT = 4401;
const TOO_MANY = 4429;

/**
 * Where the server is, and what a request that listens says.
 *
 * @typedef {object} Place
 * @property {string} origin
 * @property {Http} http
 * @property {() => Omit<Resume, 'type' | 'ref'>} cursor what is held
 *
 * @typedef {object} Transport
 * @property {(command: AnyCommand) => boolean} send whether it could be sent
 * @property {() => void} close ends it without a word
 *
 * @typedef {object} Told what a transport tells of
 * @property {() => void} opened commands may be sent
 * @property {(frame: AnyEvent | AnyEvent[]) => void} frame
 * @property {(events: AnyEvent[]) => void} answered answers that came another way
 * @property {() => void} again what it said of us is no longer true: resume
 * @property {(code: number, wait?: number) => void} closed was open or failed to open; `wait`: how
 *   long to stay away, in milliseconds
 *
 * @typedef {object} Listener
 * @property {(asks: boolean) => void} opened a new line is open: nothing has been said on it.
 *   `asks`: it is for us to begin, with a resume
 * @property {(events: AnyEvent[]) => void} frame in order
 * @property {(retryAt: number | null) => void} closed was open or failed to open
 * @property {() => void} signedOut
 * @property {() => void} outdated
 */

/**
 * Best first. What is only wanted where sockets are refused is fetched then.
 *
 * @type {{ name: 'socket' | 'stream' | 'poll', patience: number,
 *   make: (place: Place, told: Told) => Transport | Promise<Transport> }[]}
 */
const WAYS = [
  {
    name: 'socket',
    patience: OPENING_MS,
    make: ({ origin }, told) => new Socket(origin, told),
  },
  {
    name: 'stream',
    patience: STREAM_OPENING_MS,
    make: async (place, told) => new (await import('./transports/stream.js')).Stream(place, told),
  },
  {
    name: 'poll',
    patience: OPENING_MS,
    make: async (place, told) => new (await import('./transports/poll.js')).Poll(place, told),
  },
];

export class Connection {
  /** How many connections were ever opened. */
  opened = 0;
  frames = 0;
  /** When the server was last heard (`performance.now`). */
  heardAt = 0;
  /** The present attempt: whoever speaks for an earlier one is not heard. @type {object | null} */
  #turn = null;
  /** @type {Transport | null} */
  #line = null;
  #way = 0;
  /** Whether anything was heard in this attempt. */
  #heard = false;
  #misses = 0;
  #backoff = new Backoff();
  #wanted = false;
  #retry = 0;
  /** Told to stay away until then. */
  #notBefore = 0;
  #watchdog = 0;
  #better = 0;
  #betterWait = BETTER_MS;
  #place;
  #listener;

  /**
   * @param {Place} place
   * @param {Listener} listener
   */
  constructor(place, listener) {
    this.#place = place;
    this.#listener = listener;
    self.addEventListener('online', () => {
      // Another network, perhaps.
      if (!this.#turn) this.#way = 0;
      this.hurry();
    });
    self.addEventListener('offline', () => this.#end(this.#backoff.next()));
  }

  /** How it listens, or would next. */
  get way() {
    return WAYS[this.#way].name;
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
    if (!this.#wanted || this.#turn || performance.now() < this.#notBefore) return;
    clearTimeout(this.#retry);
    void this.#open();
  }

  /** End this connection and begin another. */
  renew() {
    if (this.#turn) this.#end(this.#backoff.next());
  }

  /** All is well: the next loss starts with a short wait again. */
  settled() {
    this.#backoff.reset();
    if (this.#way && !this.#better) this.#hope();
  }

  /** @param {AnyCommand} command @returns {boolean} whether there is a line to send it on */
  send(command) {
    return this.#line?.send(command) ?? false;
  }

  async #open() {
    const turn = {};
    this.#turn = turn;
    this.#heard = false;
    const { make, patience } = WAYS[this.#way];
    this.#watch(patience);
    const told = this.#told(turn);
    try {
      const line = await make(this.#place, told);
      if (this.#turn === turn) this.#line = line;
      else line.close();
    } catch {
      told.closed(0);
    }
  }

  /** @param {object} turn @returns {Told} */
  #told(turn) {
    /** @type {<A extends unknown[]>(take: (...args: A) => void) => (...args: A) => void} */
    const now = (take) => (...args) => void (this.#turn === turn && take(...args));
    return {
      opened: now(() => {
        this.opened += 1;
        this.#listener.opened(this.#way > 0);
      }),
      frame: now((frame) => {
        this.#heard = true;
        this.heardAt = performance.now();
        this.#misses = 0;
        this.#watch(SILENCE_MS);
        this.frames += 1;
        this.#listener.frame(Array.isArray(frame) ? frame : [frame]);
      }),
      answered: now((events) => {
        this.heardAt = performance.now();
        this.#listener.frame(events);
      }),
      again: now(() => this.#listener.opened(true)),
      closed: now((code, wait = 0) => this.#closed(code, wait)),
    };
  }

  /** @param {number} patience milliseconds of silence to bear */
  #watch(patience) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#end(this.#missed() ? 0 : this.#backoff.next());
    }, patience);
  }

  /** @param {number} code @param {number} asked milliseconds to stay away */
  #closed(code, asked) {
    if (code === SIGNED_OUT) {
      this.stop();
      this.#listener.signedOut();
      return;
    }
    const lesser = code < RESTARTING && this.#missed();
    let wait = lesser ? 0 : Math.max(asked, this.#backoff.next());
    if (code === RESTARTING) wait = 10_000 * Math.random();
    if (code === OUTDATED || code === TOO_MANY) {
      wait = asked || 60_000;
      this.#notBefore = performance.now() + wait;
    }
    this.#end(wait);
    if (code === OUTDATED) this.#listener.outdated();
  }

  /**
   * Without a word heard, the next way may be better; that of a socket when none has helped.
   *
   * @returns {boolean} whether a lesser way is to be tried at once
   */
  #missed() {
    if (this.#heard) return false;
    this.#misses += 1;
    if (!this.#way && this.#misses < PATIENCE) return false;
    this.#misses = 0;
    this.#way = (this.#way + 1) % WAYS.length;
    return this.#way > 0;
  }

  #hope() {
    this.#better = setTimeout(() => {
      this.#better = 0;
      if (this.#wanted && this.#way) this.#tryBetter();
    }, this.#betterWait);
  }

  /** Whether sockets pass by now, asked beside what works. */
  #tryBetter() {
    const nothing = () => {};
    const probe = new Socket(this.#place.origin, {
      opened: nothing,
      answered: nothing,
      again: nothing,
      frame: () => {
        probe.close();
        this.#betterWait = BETTER_MS;
        this.#way = 0;
        this.renew();
      },
      closed: () => {
        this.#betterWait = Math.min(BETTER_LONGEST_MS, 2 * this.#betterWait);
        if (!this.#better) this.#hope();
      },
    });
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

  #drop() {
    clearTimeout(this.#watchdog);
    const line = this.#line;
    this.#turn = this.#line = null;
    line?.close();
  }
}
