/** @import { ConnectionView } from '../contract.js' */

/** The state of the connection, as people see it. */
export class ConnectionStatus {
  /** @type {ConnectionView['state']} */
  state = 'connecting';
  /** @type {number | null} */
  retryAt = null;
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
