/**
 * The Web Lock of the owner that leads. Where there are none (plain-HTTP addresses), every owner
 * leads. Two leaders do no harm: the server takes a message once for each client id.
 *
 * @module
 */

const forever = () => new Promise(() => {});

/** A lock that one tab or worker holds for life, unless another steals it. */
export class LeaderLock {
  isHeld = false;
  /** The request that waits. */
  #queued = new AbortController();
  #name;
  #gained;
  #lost;

  /**
   * @param {string} name
   * @param {{ gained: () => void, lost: () => void }} told `lost`: another has stolen it; it is
   *   waited for again
   */
  constructor(name, { gained, lost }) {
    this.#name = name;
    this.#gained = gained;
    this.#lost = lost;
  }

  /** Hold it as soon as nobody else does. */
  wait() {
    this.#queued = new AbortController();
    this.#request({ signal: this.#queued.signal });
  }

  /** Hold it at once: its holder does not answer. */
  steal() {
    this.#queued.abort();
    this.#request({ steal: true });
  }

  /** @param {LockOptions} options */
  #request(options) {
    if (!navigator.locks) return this.#setHeld();
    navigator.locks
      .request(this.#name, options, () => {
        this.#setHeld();
        return forever();
      })
      .catch(() => {
        if (options.signal?.aborted) return;
        this.isHeld = false;
        this.#lost();
        this.wait();
      });
  }

  #setHeld() {
    this.isHeld = true;
    this.#gained();
  }
}
