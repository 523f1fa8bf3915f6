/**
 * A tab's line to the owner: calls and watches over one MessagePort.
 *
 * @module
 */

/** @import { OpenAt, OwnerMessage, PageFacts, TabMessage } from '../contract.js' */

import { ParleyError } from '../both/failure.js';
import { holdForLife, whenReleased } from '../both/locks.js';
import { uuid } from '../both/ids.js';

const INPUT_INTERVAL_MS = 30_000;
/** Longer than the longest request of the owner's. */
const CALL_TIMEOUT_MS = 60_000;
/** What only has to be stored is answered within milliseconds, or not at all. */
const DELIVERY_TIMEOUT_MS = 10_000;
/** Without locks: an owner that answers nothing for so long is taken for dead. */
const SILENCE_TIMEOUT_MS = 5_000;
/** A worker that died so soon after the last one is not replaced at once. */
const REPLACE_INTERVAL_MS = 2_000;
/** A draft that a page left behind is of use to the next page only for so long. */
const DRAFT_TTL_MS = 60_000;

/**
 * @typedef {{ topic: 'connection' | 'me' | 'chats' | 'contacts' | 'news' }
 *   | { topic: 'timeline', chat: string, at: OpenAt }} Watched
 * @typedef {{ what: Watched, changed: (diff: unknown) => void, attached: (id: number) => void }} Watch
 *
 * @typedef {object} Call
 * @property {string} name
 * @property {unknown[]} args
 * @property {boolean} repeats whether the next owner is asked again
 * @property {(value: any) => void} resolve
 * @property {(error: ParleyError) => void} reject
 * @property {number} timer
 */

export class OwnerClient {
  #lastId = 0;
  /** Not answered yet, in their order. @type {Map<number, Call>} */
  #calls = new Map();
  /** @type {Map<number, Watch>} */
  #watches = new Map();
  /** @type {MessagePort | null} */
  #port = null;
  #nextInputAt = 0;
  #attachedAt = -Infinity;
  #silenceTimer = 0;
  #facts;
  #toOwner;

  /**
   * @param {PageFacts} facts
   * @param {(facts: PageFacts) => MessagePort} toOwner makes a port that ends at the owner
   */
  constructor(facts, toOwner) {
    this.#facts = facts;
    this.#toOwner = toOwner;
    this.#attach();
    this.#deliverLeft();
    addEventListener('pagehide', () => this.#storeUnanswered());
    // A page that comes back out of the back/forward cache was taken for closed.
    addEventListener('pageshow', (event) => event.persisted && this.#restored());
    for (const kind of ['focus', 'blur', 'visibilitychange']) {
      const target = kind === 'visibilitychange' ? document : window;
      target.addEventListener(kind, () => this.#post({ do: 'focus', focused: focused() }));
    }
    for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
      addEventListener(kind, () => this.#input(), { passive: true });
    }
  }

  /**
   * @param {string} name
   * @param {unknown[]} args
   * @returns {Promise<any>} what the owner's method of that name returns
   */
  call(name, ...args) {
    return this.#call(name, args, false);
  }

  /**
   * A call that the owner may get twice, for words that must not be lost: an owner that dies before
   * it answers is followed by one that is asked again, also by the next page of this tab.
   *
   * @param {string} name
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  deliver(name, ...args) {
    return this.#call(name, args, true);
  }

  /** @param {string} name @param {unknown[]} args @param {boolean} repeats @returns {Promise<any>} */
  #call(name, args, repeats, again = false) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const late = () => this.#remove(id)?.reject(new ParleyError('unavailable'));
      const timer = setTimeout(late, repeats ? DELIVERY_TIMEOUT_MS : CALL_TIMEOUT_MS);
      this.#calls.set(id, { name, args, repeats, resolve, reject, timer });
      this.#post({ do: 'call', id, name, args, again });
      this.#expectReply();
    });
  }

  /**
   * @param {Watched} what
   * @param {(diff: unknown) => void} changed
   * @param {(id: number) => void} [attached] told the number of the watch, before any diff, and again
   *   when another owner has it
   * @returns {() => void} ends it
   */
  watch(what, changed, attached = () => {}) {
    const id = ++this.#lastId;
    attached(id);
    this.#watches.set(id, { what, changed, attached });
    this.#post({ do: 'watch', id, ...what });
    return () => {
      this.#watches.delete(id);
      this.#post({ do: 'unwatch', id });
    };
  }

  /** The person does something: said now and then, for the owner counts in minutes. */
  #input() {
    if (performance.now() < this.#nextInputAt) return;
    this.#nextInputAt = performance.now() + INPUT_INTERVAL_MS;
    this.#post({ do: 'input' });
    this.#expectReply();
  }

  /** @param {TabMessage} message */
  #post(message) {
    this.#port?.postMessage(message);
  }

  /** Begin with an owner: the first one, or the one after it. */
  #attach() {
    const tab = uuid();
    clearTimeout(this.#silenceTimer);
    // One that does not begin is asked for again.
    this.#silenceTimer = setTimeout(() => this.#attach(), DELIVERY_TIMEOUT_MS);
    this.#attachedAt = performance.now();
    this.#post({ do: 'bye' });
    this.#port?.close();
    const port = this.#toOwner(this.#facts);
    this.#port = port;
    port.onmessage = ({ data }) => this.#handle(data, port);
    this.#post({ do: 'hello', tab, facts: this.#facts, focused: focused() });
    // Said only once it is held: the owner takes a free lock for a tab that has gone.
    holdForLife(`parley-tab-${tab}`, () => this.#post({ do: 'held' }));
    for (const [id, { what }] of this.#watches) this.#post({ do: 'watch', id, ...what });
    this.#repeatCalls();
    for (const [id, { attached }] of this.#watches) attached(id);
  }

  /** Repeat what may be repeated to the new owner; the rest has failed. */
  #repeatCalls() {
    for (const [id, { name, args, repeats }] of this.#calls) {
      if (repeats) this.#post({ do: 'call', id, name, args, again: true });
      else this.#remove(id)?.reject(new ParleyError('unavailable'));
    }
  }

  /** The owner's worker has died; a tab hears nothing of that but its lock. @param {MessagePort} port */
  #died(port) {
    const wait = this.#attachedAt + REPLACE_INTERVAL_MS - performance.now();
    setTimeout(() => this.#port === port && this.#attach(), Math.max(0, wait));
  }

  /** Where there are no locks, ask the owner whether it lives. */
  #expectReply() {
    if (navigator.locks || this.#silenceTimer) return;
    this.#post({ do: 'ping' });
    this.#silenceTimer = setTimeout(() => this.#attach(), SILENCE_TIMEOUT_MS);
  }

  /** The page goes, perhaps for good: leave what is not answered to the next page of this tab. */
  #storeUnanswered() {
    const calls = [...this.#calls.values()].filter(({ repeats }) => repeats);
    const left = calls
      .filter((call, index) => !calls.slice(index + 1).some((later) => replaces(later, call)))
      .map(({ name, args }) => ({ name, args, at: Date.now() }));
    try {
      if (left.length) sessionStorage.setItem(this.#unansweredKey, JSON.stringify(left));
    } catch {
      // The browser stores nothing for this page.
    }
    this.#post({ do: 'bye' });
  }

  /** The page is the same one as before; pages after it may have left something, too. */
  #restored() {
    this.#attach();
    this.#deliverLeft();
  }

  /** Deliver what the page before could not: nobody else has these words. */
  #deliverLeft() {
    /** @type {{ name: string, args: unknown[], at: number }[]} */
    let left = [];
    try {
      left = JSON.parse(sessionStorage.getItem(this.#unansweredKey) ?? '[]');
      sessionStorage.removeItem(this.#unansweredKey);
    } catch {
      // The browser stores nothing for this page.
    }
    for (const { name, args, at } of left) {
      if (name === 'send') this.#sendAgain(args);
      else if (Date.now() - at < DRAFT_TTL_MS) this.#call(name, args, true, true).catch(() => {});
    }
  }

  /** No composer has these words: until an owner answers, they are asked of it. @param {unknown[]} args */
  #sendAgain(args) {
    this.#call('send', args, true, true).catch(({ code }) => {
      if (code === 'unavailable') this.#sendAgain(args);
    });
  }

  get #unansweredKey() {
    return `parley-unanswered-${this.#facts.person}`;
  }

  /** @param {OwnerMessage} message @param {MessagePort} port */
  #handle(message, port) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = 0;
    if (message.is === 'alive') {
      if (message.lock) whenReleased(message.lock, () => this.#died(port));
      return;
    }
    if (message.is === 'diff') {
      this.#watches.get(message.id)?.changed(message.diff);
      return;
    }
    const call = this.#remove(message.id);
    if (message.is === 'result') call?.resolve(message.value);
    else call?.reject(ParleyError.from(message.failure));
  }

  /** @param {number} id */
  #remove(id) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    clearTimeout(call?.timer);
    return call;
  }
}

/** A later draft of the same chat. @param {Call} later @param {Call} call */
const replaces = (later, call) =>
  call.name === 'saveDraft' && later.name === call.name && later.args[0] === call.args[0];

const focused = () => document.visibilityState === 'visible' && document.hasFocus();

/**
 * A port to the owner of this person and release: the SharedWorker that all tabs share, or, where
 * there is none, the same owner inside this tab.
 *
 * @param {PageFacts} facts
 * @returns {MessagePort}
 */
export function toOwner({ person }) {
  const name = `parley-${person}`;
  const url = workerUrl();
  if (globalThis.SharedWorker) return new SharedWorker(url, { type: 'module', name }).port;
  const { port1, port2 } = new MessageChannel();
  void import('../worker/serve-tab.js').then(({ serveTab }) => serveTab(port2, 'tab', Promise.resolve(null)));
  return port1;
}

const WORKER = new URL('../worker/shared-worker.js', import.meta.url).href;

/** Passes the one script address there is; the page's CSP names it in `trusted-types`. */
const policy = globalThis.trustedTypes?.createPolicy('parley-worker', {
  createScriptURL: (asked) => (asked === WORKER ? asked : ''),
});

/** The library's types know no trusted addresses; the browser takes them where it takes a text. */
const workerUrl = () =>
  /** @type {string} */ (/** @type {unknown} */ (policy?.createScriptURL(WORKER) ?? WORKER));
