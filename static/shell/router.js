/**
 * The current route, from the address bar.
 *
 * `/` list, `/c/<id>` chat, `/c/<id>/at/<seq>`, `/c/<id>/on/<date>`, `/people`,
 * `/settings/notifications`. Links to these do not load a page; the browser follows all others.
 *
 * @module
 */

/** @import { OpenAt } from '../realtime/timeline-types.js' */

/**
 * @typedef {{ name: 'home' } | { name: 'notifications' } | { name: 'people', query: string }
 *   | { name: 'chat', chat: string, at: OpenAt }} Route
 */

const CHAT = /^\/c\/([0-9a-f-]{36})(?:\/at\/(\d{1,15})|\/on\/(\d{4}-\d\d-\d\d))?\/?$/;

/**
 * @param {URL | Location} address
 * @returns {Route | null} null when the address is not the app's
 */
export function parseRoute({ pathname, search }) {
  if (pathname === '/') return { name: 'home' };
  if (/^\/people\/?$/.test(pathname)) {
    return { name: 'people', query: new URLSearchParams(search).get('q') ?? '' };
  }
  if (/^\/settings\/notifications\/?$/.test(pathname)) return { name: 'notifications' };
  const [, chat, seq, date] = CHAT.exec(pathname) ?? [];
  if (!chat) return null;
  return { name: 'chat', chat, at: seq ? Number(seq) : date ? { date } : 'unread' };
}

export class Router extends EventTarget {
  constructor() {
    super();
    this.route = parseRoute(location) ?? { name: 'home' };
    addEventListener('popstate', () => this.#navigated());
    document.addEventListener('click', (event) => this.#clicked(event));
  }

  /** @param {string} path @param {{ replace?: boolean }} [how] */
  go(path, { replace = false } = {}) {
    // Going to the current address again repeats the jump, but adds no history entry.
    if (replace || path === location.pathname + location.search) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    this.#navigated();
  }

  #navigated() {
    this.route = parseRoute(location) ?? { name: 'home' };
    this.dispatchEvent(new Event('navigated'));
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    if (event.defaultPrevented || event.button) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = /** @type {Element} */ (event.target).closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin) return;
    if (!parseRoute(new URL(link.href))) return;
    event.preventDefault();
    const { pathname, search } = new URL(link.href);
    this.go(pathname + search);
  }
}

export const router = new Router();
