/**
 * A tab's calls and watches at the owner, over one MessagePort. When the owner dies, the tab attaches
 * to the next one.
 *
 * @module
 */

/** @import { OpenAt } from '../timeline-types.js' */
/** @import { OwnerMessage, PageFacts, TabMessage } from '../port-messages.js' */

import { ParleyError } from '../both/failure.js';
import { holdForLife, uuid, whenReleased } from '../both/platform.js';
import { WORKER } from '../worker-address.js';

const INPUT_INTERVAL_MS = 30_000;
/** Longer than the longest request of the owner. */
const CALL_TIMEOUT_MS = 60_000;
/** The owner only has to store these: it replies within milliseconds, or is dead. */
const DELIVERY_TIMEOUT_MS = 10_000;
/** Large files take longer. */
const FILES_TIMEOUT_MS = 120_000;
/** Without locks: an owner that sends nothing for so long is taken for dead. */
const SILENCE_TIMEOUT_MS = 5_000;
/** A worker that died so soon after the last one is not replaced at once. */
const REPLACE_INTERVAL_MS = 2_000;
/** A draft that a page left behind is of use to the next page only for so long. */
const DRAFT_TTL_MS = 60_000;

/**
 * @typedef {{ topic: 'connection' | 'me' | 'chats' | 'contacts' | 'news' }
 *   | { topic: 'timeline', chat: string, at: OpenAt }} Watched
 * @typedef {{ what: Watched, apply: (diff: unknown) => void, attached: (id: number) => void }} Watch
 *
 * @typedef {object} Call
 * @property {string} name
 * @property {unknown[]} args
 * @property {boolean} repeats whether the next owner gets the call, too
 * @property {(value: any) => void} resolve
 * @property {(error: ParleyError) => void} reject
 * @property {number} timer
 */

export class OwnerClient {
  #lastId = 0;
  /** Calls without a result, in order. @type {Map<number, Call>} */
  #calls = new Map();
  /** @type {Map<number, Watch>} */
  #watches = new Map();
  /** @type {MessagePort | null} */
  #port = null;
  #nextInputAt = 0;
  #attachedAt = -Infinity;
  #silenceTimer = 0;
  #facts;

  /** @param {PageFacts} facts */
  constructor(facts) {
    this.#facts = facts;
    this.#attach();
    this.#deliverLeft();
    addEventListener('pagehide', () => this.#leave());
    // The owner took a page that comes out of the back/forward cache for closed.
    addEventListener('pageshow', (event) => event.persisted && this.#return());
    for (const kind of ['focus', 'blur', 'visibilitychange']) {
      const target = kind === 'visibilitychange' ? document : window;
      target.addEventListener(kind, () => this.#post({ do: 'focus', focused: focused() }));
    }
    for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
      addEventListener(kind, () => this.#input(), { passive: true });
    }
  }

  /**
   * @param {string} name of a function in worker/tab-session.js or worker/requests.js
   * @param {unknown[]} args
   * @returns {Promise<any>} what that returns
   */
  call(name, ...args) {
    return this.#call(name, args, false);
  }

  /**
   * A call for text or files that must not be lost. The owner may get it twice: when it dies before
   * it replies, the next one gets the call again; the one of a text also from the next page of this
   * tab, which cannot have the bytes of a file.
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
      const expire = () => this.#remove(id)?.reject(new ParleyError('unavailable'));
      const timeout = repeats ? DELIVERY_TIMEOUT_MS : CALL_TIMEOUT_MS;
      const timer = setTimeout(expire, name === 'addFiles' ? FILES_TIMEOUT_MS : timeout);
      this.#calls.set(id, { name, args, repeats, resolve, reject, timer });
      this.#post({ do: 'call', id, name, args, again });
      this.#expectReply();
    });
  }

  /**
   * @param {Watched} what
   * @param {(diff: unknown) => void} apply
   * @param {(id: number) => void} [attached] called with the id of the watch before any diff, and
   *   again when another owner has it
   * @returns {() => void} ends the watch
   */
  watch(what, apply, attached = () => {}) {
    const id = ++this.#lastId;
    attached(id);
    this.#watches.set(id, { what, apply, attached });
    this.#post({ do: 'watch', id, ...what });
    return () => {
      this.#watches.delete(id);
      this.#post({ do: 'unwatch', id });
    };
  }

  /** Tell the owner that the person is active: now and then, for it counts in minutes. */
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

  /** Attach to an owner: the first one, or the one after it. */
  #attach() {
    const tab = uuid();
    clearTimeout(this.#silenceTimer);
    // An owner that does not start is replaced.
    this.#silenceTimer = setTimeout(() => this.#attach(), DELIVERY_TIMEOUT_MS);
    this.#attachedAt = performance.now();
    this.#post({ do: 'bye' });
    this.#port?.close();
    const port = ownerPort(this.#facts);
    this.#port = port;
    port.onmessage = ({ data }) => this.#handle(data, port);
    this.#post({ do: 'hello', tab, facts: this.#facts, focused: focused() });
    // Only once it is held: the owner takes a free lock for a tab that is gone.
    holdForLife(`parley-tab-${tab}`, () => this.#post({ do: 'held' }));
    for (const [id, { what }] of this.#watches) this.#post({ do: 'watch', id, ...what });
    this.#repeatCalls();
    for (const [id, { attached }] of this.#watches) attached(id);
  }

  /** Repeat to the new owner what may be repeated; other calls fail. */
  #repeatCalls() {
    for (const [id, { name, args, repeats }] of this.#calls) {
      if (repeats) this.#post({ do: 'call', id, name, args, again: true });
      else this.#remove(id)?.reject(new ParleyError('unavailable'));
    }
  }

  /** The owner's worker has died: its lock is the only sign of that. @param {MessagePort} port */
  #died(port) {
    const wait = this.#attachedAt + REPLACE_INTERVAL_MS - performance.now();
    setTimeout(() => this.#port === port && this.#attach(), Math.max(0, wait));
  }

  /** Where there are no locks, ask the owner whether it is alive. */
  #expectReply() {
    if (navigator.locks || this.#silenceTimer) return;
    this.#post({ do: 'ping' });
    this.#silenceTimer = setTimeout(() => this.#attach(), SILENCE_TIMEOUT_MS);
  }

  /** The page goes, perhaps for good: leave deliveries without a result to this tab's next page. */
  #leave() {
    const calls = [...this.#calls.values()].filter(
      ({ repeats, name }) => repeats && name !== 'addFiles',
    );
    const left = calls
      .filter((call, index) => !calls.slice(index + 1).some((later) => replaces(later, call)))
      .map(({ name, args }) => ({ name, args, at: Date.now() }));
    try {
      if (left.length) sessionStorage.setItem(this.#leftKey, JSON.stringify(left));
    } catch {
      // The browser stores nothing for this page.
    }
    this.#post({ do: 'bye' });
  }

  /** The page is the same one as before; pages after it may have left something, too. */
  #return() {
    this.#attach();
    this.#deliverLeft();
  }

  /** Deliver what the page before could not: the text is nowhere else. */
  #deliverLeft() {
    /** @type {{ name: string, args: unknown[], at: number }[]} */
    let left = [];
    try {
      left = JSON.parse(sessionStorage.getItem(this.#leftKey) ?? '[]');
      sessionStorage.removeItem(this.#leftKey);
    } catch {
      // The browser stores nothing for this page.
    }
    for (const { name, args, at } of left) {
      if (name === 'send' || name === 'forward') this.#sendLeft(name, args);
      else if (Date.now() - at < DRAFT_TTL_MS) this.#call(name, args, true, true).catch(() => {});
    }
  }

  /** No composer has this text: repeat the call until an owner replies.
   * @param {string} name @param {unknown[]} args */
  #sendLeft(name, args) {
    this.#call(name, args, true, true).catch(({ code }) => {
      if (code === 'unavailable') this.#sendLeft(name, args);
    });
  }

  get #leftKey() {
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
      this.#watches.get(message.id)?.apply(message.diff);
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

/** Whether `later` is a later draft of the same chat. @param {Call} later @param {Call} call */
const replaces = (later, call) =>
  call.name === 'saveDraft' && later.name === call.name && later.args[0] === call.args[0];

const focused = () => document.visibilityState === 'visible' && document.hasFocus();

/**
 * A port to the owner of this person and release: in the SharedWorker that all tabs share, or, where
 * there is none, inside this tab.
 *
 * @param {PageFacts} facts
 * @returns {MessagePort}
 */
function ownerPort({ person }) {
  const name = `parley-${person}`;
  const url = workerUrl();
  if (globalThis.SharedWorker) return new SharedWorker(url, { type: 'module', name }).port;
  const { port1, port2 } = new MessageChannel();
  const serving = import('../worker/serve-tab.js');
  void serving.then(({ serveTab }) => serveTab(port2, 'tab', Promise.resolve(null)));
  return port1;
}

/** Passes the worker's address only; the page's CSP names it in `trusted-types`. */
const policy = globalThis.trustedTypes?.createPolicy('parley-worker', {
  createScriptURL: (asked) => (asked === WORKER ? asked : ''),
});

/** TypeScript's types know no trusted addresses; the browser takes them where it takes a string. */
const workerUrl = () =>
  /** @type {string} */ (/** @type {unknown} */ (policy?.createScriptURL(WORKER) ?? WORKER));
