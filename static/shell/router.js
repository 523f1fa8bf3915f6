/**
 * The address bar and the history: the current route, and what the browser's Back closes.
 *
 * `/` list, `/c/<id>` chat, `/c/<id>/at/<seq>`, `/c/<id>/on/<date>`, `/people`,
 * `/settings/notifications`, `/share`. Links to these do not load a page; the browser follows all others.
 *
 * What lies on the page (a menu, a dialog, a panel) adds an entry to the history, of the same address,
 * whose state says how many covers there are. That entry goes with the cover.
 *
 * @module
 */

/** @import { OpenAt } from '../realtime/timeline-types.js' */

/**
 * @typedef {{ name: 'home' } | { name: 'notifications' } | { name: 'people', query: string }
 *   | { name: 'share', problem: string } | { name: 'chat', chat: string, at: OpenAt }} Route
 *
 * @typedef {{ level: number, close: () => void, isOpen: () => boolean }} Cover
 */

const CHAT = /^\/c\/([0-9a-f-]{36})(?:\/at\/(\d{1,15})|\/on\/(\d{4}-\d\d-\d\d))?\/?$/;
/** No entry of the history was added for a cover yet. */
const WITHOUT_ENTRY = Infinity;
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
  /** Whether the browser has yet to go back for a removal that nobody waits for any more. */
  #isRemovalLate = false;

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
      this.#coverAgain();
    });
  }

  /**
   * Something lies on the page.
   *
   * @param {() => void} close called when the person goes back
   * @param {() => boolean} [isOpen] false: it closes, though that was not told yet
   * @returns {() => void} to be called when it was closed, in any way
   */
  closeOnBack(close, isOpen = () => true) {
    /** @type {Cover} */
    const cover = { level: WITHOUT_ENTRY, close, isOpen };
    this.#covers.push(cover);
    this.#afterRemoval(() => {
      if (this.#covers.includes(cover) && cover.level === WITHOUT_ENTRY) this.#addEntry(cover);
    });
    return () => {
      const index = this.#covers.indexOf(cover);
      if (index < 0) return;
      this.#covers.splice(index, 1);
      this.#removeEntries();
    };
  }

  /** @param {Cover} cover */
  #addEntry(cover) {
    cover.level = levelHere() + 1;
    history.pushState({ covers: cover.level }, '');
  }

  /** A link took the place of their entries: what is still open lies on the new page. */
  #coverAgain() {
    this.#covers = this.#covers.filter(({ isOpen }) => isOpen());
    if (levelHere() >= (this.#covers.at(-1)?.level ?? 0)) return;
    for (const cover of this.#covers) this.#addEntry(cover);
  }

  #navigated() {
    this.#address = location.href;
    this.route = parseRoute(location) ?? { name: 'home' };
    this.dispatchEvent(new Event('navigated'));
  }

  /** The person went back or forward, or entries were removed. */
  #moved() {
    const isLate = this.#isRemovalLate;
    const isRemoval = this.#removal !== null || isLate;
    this.#isRemovalLate = false;
    this.#removal?.end();
    // Nobody went back from what was opened meanwhile.
    if (isLate && location.href === this.#address) return this.#coverAgain();
    const closed = this.#covers.filter(({ level }) => level > levelHere() && level !== WITHOUT_ENTRY);
    this.#covers = this.#covers.filter((cover) => !closed.includes(cover));
    // It went with its part of the page, and nobody saw anything close.
    const wasNothing = closed.length > 0 && !closed.some(({ isOpen }) => isOpen());
    for (const { close } of closed.reverse()) close();
    if (location.href !== this.#address || !(isRemoval || closed.length)) this.#navigated();
    if (wasNothing && !isRemoval) history.back();
    else this.#removeEntries();
  }

  /** Leave the entries of covers that are closed. */
  #removeEntries() {
    const above = levelHere() - (this.#covers.at(-1)?.level ?? 0);
    if (this.#removal || above <= 0) return;
    let resolve = () => {};
    /** @type {Promise<void>} */
    const done = new Promise((resolved) => (resolve = resolved));
    const timer = setTimeout(() => {
      this.#isRemovalLate = true;
      this.#removal?.end();
    }, REMOVAL_TIMEOUT_MS);
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
    /** @type {HTMLAnchorElement | null | undefined} */
    const link = /** @type {Element} */ (event.target).closest?.('a[href]');
    const path = pathInApp(link);
    // The browser would go back instead of to another page: the press closed a menu.
    const isInWay = this.#removal !== null && link && !link.target && !link.hasAttribute('download');
    if (!path && !isInWay) return;
    event.preventDefault();
    if (path) this.go(path);
    else this.#afterRemoval(() => location.assign(/** @type {HTMLAnchorElement} */ (link).href));
  }
}

export const router = new Router();
