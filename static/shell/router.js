/**
 * The current route, from the address bar.
 *
 * `/` list, `/c/<id>` chat, `/c/<id>/at/<seq>`, `/c/<id>/on/<date>`, `/people`,
 * `/settings/notifications`. Links to these do not load a page; the browser follows all others.
 *
 * @module
 */

/** @import { OpenAt } from '../realtime/contract.js' */

import { enter } from './back.js';

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

/** The path of a page of the app that a link leads to; empty for all other links.
 * @param {Element | null | undefined} link */
export function pathInApp(link) {
  if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin) return '';
  const { pathname, search } = link;
  return parseRoute(new URL(link.href)) ? pathname + search : '';
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
    enter(path, replace, () => this.#navigated());
  }

  #navigated() {
    this.route = parseRoute(location) ?? { name: 'home' };
    this.dispatchEvent(new Event('navigated'));
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
