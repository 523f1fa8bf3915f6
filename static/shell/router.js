/**
 * The address bar and the history: the current route, and what the browser's Back closes.
 *
 * `/` list, `/c/<id>` chat, `/c/<id>/at/<seq>`, `/c/<id>/on/<date>`, `/people`,
 * `/settings/notifications`, `/share`. Links to these do not load a page; the browser follows all others.
 *
 * What covers the page (a dialog, a panel on a phone) adds an entry to the history, of the same
 * address, whose state says how many covers there are. That entry goes with the cover.
 *
 * @module
 */

/** @import { OpenAt } from '../realtime/timeline-types.js' */

/**
 * @typedef {{ name: 'home' } | { name: 'notifications' } | { name: 'people', query: string }
 *   | { name: 'share', problem: string } | { name: 'chat', chat: string, at: OpenAt }} Route
 *
 * @typedef {{ level: number, close: () => void }} Cover
 */

const CHAT = /^\/c\/([0-9a-f-]{36})(?:\/at\/(\d{1,15})|\/on\/(\d{4}-\d\d-\d\d))?\/?$/;
/** When the browser does not report that it went back. */
const REMOVAL_TIMEOUT_MS = 500;

/**
 * @param {URL | Location} address
 * @returns {Route | null} null when the address is not the app's
 */
export function parseRoute({ pathname, search }) {
  if (pathname === '/') return { name: 'home' };
  if (/^\/people\/?$/.test(pathname)) {
    return { name: 'people', query: new URLSearchParams(search).get('q') ?? '' };
  }
  if (/^\/share\/?$/.test(pathname)) {
    return { name: 'share', problem: new URLSearchParams(search).get('problem') ?? '' };
  }
  if (/^\/settings\/notifications\/?$/.test(pathname)) return { name: 'notifications' };
  const [, chat, seq, date] = CHAT.exec(pathname) ?? [];
  if (!chat) return null;
  return { name: 'chat', chat, at: seq ? Number(seq) : date ? { date } : 'unread' };
}

/** The path of a page of the app that a link leads to; empty for all other links.
 * @param {Element | null | undefined} link */
export function pathInApp(link) {
  if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin) return '';
  const { pathname, search } = link;
  return parseRoute(new URL(link.href)) ? pathname + search : '';
}

/** How many covers the present entry has. @returns {number} */
const levelHere = () => history.state?.covers ?? 0;

export class Router extends EventTarget {
  /** Open ones, the last on top. @type {Cover[]} */
  #covers = [];
  /** Of the page below them. */
  #address = location.href;
  /** While the entries of closed covers are being removed. Until then nothing may be added.
   * @type {{ done: Promise<void>, end: () => void } | null} */
  #removal = null;

  constructor() {
    super();
    this.route = parseRoute(location) ?? { name: 'home' };
    addEventListener('popstate', () => this.#moved());
  }

  /** Follow links within the app. */
  start() {
    // Of what covered the page before it was loaded again.
    this.#removeEntries();
    document.addEventListener('click', (event) => this.#clicked(event));
  }

  /** @param {string} path @param {{ replace?: boolean }} [how] */
  go(path, { replace = false } = {}) {
    this.#afterRemoval(() => {
      // Going to the current address again repeats the jump, but adds no history entry.
      if (path !== location.pathname + location.search) {
        // In place of the entry of what covers this page, too.
        if (replace || levelHere()) history.replaceState(null, '', path);
        else history.pushState(null, '', path);
      }
      this.#navigated();
    });
  }

  /**
   * Something covers the page.
   *
   * @param {() => void} close called when the person goes back
   * @returns {() => void} to be called when it was closed, in any way
   */
  closeOnBack(close) {
    /** @type {Cover} */
    const cover = { level: Infinity, close };
    this.#covers.push(cover);
    this.#afterRemoval(() => {
      if (!this.#covers.includes(cover)) return;
      cover.level = levelHere() + 1;
      history.pushState({ covers: cover.level }, '');
    });
    return () => {
      const index = this.#covers.indexOf(cover);
      if (index < 0) return;
      this.#covers.splice(index, 1);
      this.#removeEntries();
    };
  }

  #navigated() {
    this.#address = location.href;
    this.route = parseRoute(location) ?? { name: 'home' };
    this.dispatchEvent(new Event('navigated'));
  }

  /** The person went back or forward, or entries were removed. */
  #moved() {
    const isRemoval = this.#removal !== null;
    this.#removal?.end();
    const closed = this.#covers.filter(({ level }) => level > levelHere());
    this.#covers = this.#covers.filter((cover) => !closed.includes(cover));
    for (const { close } of closed.reverse()) close();
    if (location.href !== this.#address || !(isRemoval || closed.length)) this.#navigated();
    this.#removeEntries();
  }

  /** Leave the entries of covers that are closed. */
  #removeEntries() {
    const above = levelHere() - (this.#covers.at(-1)?.level ?? 0);
    if (this.#removal || above <= 0) return;
    let resolve = () => {};
    /** @type {Promise<void>} */
    const done = new Promise((resolved) => (resolve = resolved));
    const timer = setTimeout(() => this.#removal?.end(), REMOVAL_TIMEOUT_MS);
    const end = () => {
      clearTimeout(timer);
      this.#removal = null;
      resolve();
    };
    this.#removal = { done, end };
    history.go(-above);
  }

  /** @param {() => void} act */
  #afterRemoval(act) {
    if (this.#removal) void this.#removal.done.then(act);
    else act();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    if (event.defaultPrevented || event.button) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const path = pathInApp(/** @type {Element} */ (event.target).closest?.('a[href]'));
    if (!path) return;
    event.preventDefault();
    this.go(path);
  }
}

export const router = new Router();
