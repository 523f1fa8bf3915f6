/**
 * The Web Lock of the owner that leads. Where browsers have no locks (plain-HTTP addresses), every
 * owner leads. Two leaders do no harm: the server takes a client id once.
 *
 * @module
 */

const never = () => new Promise(() => {});

/** A lock that one tab or worker holds as long as it lives, unless another one steals it. */
export class LeaderLock {
  isHeld = false;
  /** Aborts the request that waits. */
  #queued = new AbortController();
  #name;
  #gained;
  #lost;

  /**
   * @param {string} name
   * @param {{ gained: () => void, lost: () => void }} events `lost`: another owner has stolen
   *   it; this one waits for it again
   */
  constructor(name, { gained, lost }) {
    this.#name = name;
    this.#gained = gained;
    this.#lost = lost;
  }

  /** Hold it as soon as it is free. */
  wait() {
    this.#queued = new AbortController();
    this.#request({ signal: this.#queued.signal });
  }

  /** Hold it at once: its holder does not reply. */
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
        return never();
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
