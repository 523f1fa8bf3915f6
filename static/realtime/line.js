/**
 * A tab's line to the owner: calls and watches over one MessagePort.
 *
 * @module
 */

/** @import { OpenAt, OwnerMessage, PageFacts, TabMessage } from './contract.js' */

import { ParleyError } from './failure.js';
import { holdForLife } from './locks.js';
import { uuid } from './ids.js';

const INPUT_MS = 30_000;

/**
 * @typedef {{ topic: 'connection' | 'me' | 'chats' | 'contacts' | 'news' }
 *   | { topic: 'timeline', chat: string, at: OpenAt }} Watched
 * @typedef {{ what: Watched, took: (diff: unknown) => void, named: (id: number) => void }} Watch
 * @typedef {{ resolve: (value: any) => void, reject: (error: ParleyError) => void }} Waiter
 */

export class Line {
  #ids = 0;
  /** @type {Map<number, Waiter>} */
  #calls = new Map();
  /** @type {Map<number, Watch>} */
  #watches = new Map();
  /** @type {MessagePort | null} */
  #port = null;
  #quietUntil = 0;
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
    addEventListener('pagehide', () => this.#post({ do: 'bye' }));
    // A page that comes back out of the back/forward cache was taken for closed.
    addEventListener('pageshow', (event) => event.persisted && this.#attach());
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
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#post({ do: 'call', id, name, args });
    });
  }

  /**
   * @param {Watched} what
   * @param {(diff: unknown) => void} took
   * @param {(id: number) => void} [named] told the number of the watch, before any diff
   * @returns {() => void} ends it
   */
  watch(what, took, named = () => {}) {
    const id = ++this.#ids;
    named(id);
    this.#watches.set(id, { what, took, named });
    this.#post({ do: 'watch', id, ...what });
    return () => {
      this.#watches.delete(id);
      this.#post({ do: 'unwatch', id });
    };
  }

  /** The person does something: said now and then, for the owner counts in minutes. */
  #input() {
    if (performance.now() < this.#quietUntil) return;
    this.#quietUntil = performance.now() + INPUT_MS;
    this.#post({ do: 'input' });
  }

  /** @param {TabMessage} message */
  #post(message) {
    this.#port?.postMessage(message);
  }

  #attach() {
    const tab = uuid();
    this.#port?.close();
    this.#port = this.#toOwner(this.#facts);
    this.#port.onmessage = ({ data }) => this.#took(data);
    this.#post({ do: 'hello', tab, facts: this.#facts, focused: focused() });
    // Said only once it is held: the owner takes a free lock for a tab that has gone.
    holdForLife(`parley-tab-${tab}`, () => this.#post({ do: 'held' }));
    for (const [id, { what }] of this.#watches) this.#post({ do: 'watch', id, ...what });
    const lost = new ParleyError('offline', 'The page was put aside.');
    for (const { reject } of this.#calls.values()) reject(lost);
    this.#calls.clear();
  }

  /** @param {OwnerMessage} message */
  #took(message) {
    if (message.is === 'diff') {
      this.#watches.get(message.id)?.took(message.diff);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.is === 'result') call?.resolve(message.value);
    else call?.reject(ParleyError.from(message.failure));
  }
}

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
  void import('./host.js').then(({ serveTab }) => serveTab(port2, 'tab'));
  return port1;
}

const WORKER = new URL('./worker.js', import.meta.url).href;

/** Passes the one script address there is; the page's CSP names it in `trusted-types`. */
const policy = globalThis.trustedTypes?.createPolicy('parley-worker', {
  createScriptURL: (asked) => (asked === WORKER ? asked : ''),
});

/** The library's types know no trusted addresses; the browser takes them where it takes a text. */
const workerUrl = () =>
  /** @type {string} */ (/** @type {unknown} */ (policy?.createScriptURL(WORKER) ?? WORKER));
