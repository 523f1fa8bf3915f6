/** @import { ConnectionView } from '../contract.js' */

/** Servers of two releases run at the same time no longer than this. */
const MIXED_RELEASES_MS = 10 * 60_000;

/** The state of the connection, as people see it, and the releases at its two ends. */
export class ConnectionStatus {
  /** @type {ConnectionView['state']} */
  state = 'connecting';
  /** @type {number | null} */
  retryAt = null;
  /** The release of the newest page. */
  pageRelease = '';
  /** @type {string | null} */
  #serverRelease = null;
  /** When the server's release became another one (`performance.now`). */
  #releasesDifferSince = 0;
  /** Whether the newest connection got as far as being caught up. */
  #hasWorked = false;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Whether to try HTTP although there is no connection: some networks refuse only sockets. */
  get mayUseHttp() {
    return this.state === 'offline' && navigator.onLine !== false;
  }

  /** The server's release when it differs from the page's. */
  get otherRelease() {
    return this.#serverRelease === this.pageRelease ? null : this.#serverRelease;
  }

  /** Whether a server of the release before may still reply. */
  get isMixed() {
    const differing = performance.now() - this.#releasesDifferSince;
    return this.otherRelease !== null && differing < MIXED_RELEASES_MS;
  }

  /** @param {string} release of the server, as a new connection says */
  welcomed(release) {
    if (this.#serverRelease !== release) this.#releasesDifferSince = performance.now();
    this.#serverRelease = release;
  }

  opened() {
    this.#set('syncing', null);
  }

  caughtUp() {
    this.#hasWorked = true;
    this.#set('online', null);
  }

  /**
   * A first loss is not shown as offline: most are mended by the next attempt.
   *
   * @param {number | null} retryAt
   * @returns {boolean} whether this attempt failed from the start
   */
  closed(retryAt) {
    const failed = !this.#hasWorked;
    this.#hasWorked = false;
    this.#set(failed || navigator.onLine === false ? 'offline' : 'connecting', retryAt);
    return failed;
  }

  outdated() {
    this.#set('outdated', this.retryAt);
  }

  /** @returns {boolean} false when it was signed out before */
  signedOut() {
    if (this.state === 'signed_out') return false;
    this.#set('signed_out', null);
    return true;
  }

  /** @returns {boolean} whether the session had ended, so that the owner starts again */
  signedIn() {
    if (this.state !== 'signed_out') return false;
    this.#hasWorked = false;
    this.#set('connecting', null);
    return true;
  }

  /** @param {ConnectionView['state']} state @param {number | null} retryAt */
  #set(state, retryAt) {
    this.state = state;
    this.retryAt = retryAt;
    this.#changed();
  }
}
