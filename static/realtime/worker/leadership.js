/**
 * Which of a person's owners leads: it writes the cache and sends for all. Owners of another
 * release or of another tab share the local store, and talk by a channel about it.
 *
 * The leader holds a Web Lock. Where browsers have none (plain-HTTP addresses), every owner leads.
 * Two leaders do no harm: the server takes a client id once.
 *
 * @module
 */

/** A leader that does not reply within this time is suspended by its browser. */
const LEADER_TIMEOUT_MS = 2000;
/** Between two questions to the leader, while something waits to be sent. */
const LEADER_PAUSE_MS = 5000;

/**
 * @typedef {object} LeadershipDeps
 * @property {() => void} elected this owner leads from now on
 * @property {() => void} lost another owner had no reply from this one, and leads now
 * @property {() => void} unsentChanged another owner changed the local store
 * @property {() => boolean} hasUnsent
 */

export class Leadership {
  isLeading = false;
  #timer = 0;
  /** Called when the lock is gained. */
  #gained = () => {};
  /** Aborts the request for the lock that waits. */
  #queued = new AbortController();
  #channel;
  #lockName;
  #deps;

  /** @param {string} person @param {LeadershipDeps} deps */
  constructor(person, deps) {
    this.#deps = deps;
    // Other releases use the same names and words.
    this.#channel = new BroadcastChannel(`parley-mine-${person}`);
    this.#channel.onmessage = ({ data }) => this.#receive(data);
    this.#lockName = `parley-owner-${person}`;
  }

  /**
   * Ask for the lock; `elected` is called when it comes later than that.
   *
   * @param {number} timeout milliseconds
   * @returns {Promise<boolean>} whether this owner leads already
   */
  async request(timeout) {
    const isFirst = new Promise((resolve) => {
      this.#gained = () => resolve(true);
      setTimeout(() => resolve(false), timeout);
    });
    this.#waitForLock();
    const result = await isFirst;
    this.#gained = this.#deps.elected;
    return result;
  }

  /** Only the leader sends what waits: ask whether it is there, and replace it if it is not. */
  checkLeader() {
    if (this.isLeading || this.#timer || !this.#deps.hasUnsent()) return;
    this.#timer = setTimeout(() => this.#stealLock(), LEADER_TIMEOUT_MS);
    this.#channel.postMessage('leader?');
  }

  /** Tell the other owners that the local store changed. */
  announceChange() {
    this.#channel.postMessage('changed');
  }

  /** @param {'changed' | 'leader?' | 'leader'} message */
  #receive(message) {
    if (message === 'changed') return this.#deps.unsentChanged();
    if (message === 'leader?') return void (this.isLeading && this.#channel.postMessage('leader'));
    this.#stopTimer();
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.checkLeader();
    }, LEADER_PAUSE_MS);
  }

  #waitForLock() {
    this.#queued = new AbortController();
    this.#requestLock({ signal: this.#queued.signal });
  }

  #stealLock() {
    this.#queued.abort();
    this.#requestLock({ steal: true });
  }

  /** @param {LockOptions} options */
  #requestLock(options) {
    if (!navigator.locks) return this.#lead();
    navigator.locks
      .request(this.#lockName, options, () => {
        this.#lead();
        // Held as long as this tab or worker lives, unless another owner steals it.
        return new Promise(() => {});
      })
      .catch(() => {
        if (options.signal?.aborted) return;
        this.isLeading = false;
        this.#deps.lost();
        this.#waitForLock();
      });
  }

  #lead() {
    this.isLeading = true;
    this.#stopTimer();
    this.#gained();
  }

  #stopTimer() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
