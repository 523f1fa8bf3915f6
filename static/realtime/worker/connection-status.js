/** @import { ConnectionView } from '../contract.js' */

/** How the line to the server stands, as people are told. */
export class ConnectionStatus {
  /** @type {ConnectionView['state']} */
  state = 'connecting';
  /** @type {number | null} */
  retryAt = null;
  /** Whether the newest connection got as far as being caught up. */
  #worked = false;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Worth a request although there is no socket: some networks refuse only those. */
  get mayUseHttp() {
    return this.state === 'offline' && navigator.onLine !== false;
  }

  opened() {
    this.#enter('syncing', null);
  }

  caughtUp() {
    this.#worked = true;
    this.#enter('online', null);
  }

  /**
   * The first loss is not worth a word: most are mended by the next attempt.
   *
   * @param {number | null} retryAt
   * @returns {boolean} whether this attempt had got nowhere
   */
  closed(retryAt) {
    const failed = !this.#worked;
    this.#worked = false;
    this.#enter(failed || navigator.onLine === false ? 'offline' : 'connecting', retryAt);
    return failed;
  }

  outdated() {
    this.#enter('outdated', this.retryAt);
  }

  /** @returns {boolean} false when that is known already */
  signedOut() {
    if (this.state === 'signed_out') return false;
    this.#enter('signed_out', null);
    return true;
  }

  /** @returns {boolean} whether a new page may begin again */
  signedIn() {
    if (this.state !== 'signed_out') return false;
    this.#worked = false;
    this.#enter('connecting', null);
    return true;
  }

  /** @param {ConnectionView['state']} state @param {number | null} retryAt */
  #enter(state, retryAt) {
    this.state = state;
    this.retryAt = retryAt;
    this.#changed();
  }
}
