const MIN_CEILING_S = 0.5;
const MAX_CEILING_S = 30;

/**
 * Waits between attempts: the ceiling doubles from 0.5 to 30 s, and the wait is random below it
 * ("full jitter", after M. Brooker, *Exponential Backoff and Jitter*), so that clients cut off
 * together do not come back together.
 */
export class Backoff {
  #attempt = 0;

  /** @returns {number} milliseconds to wait before the next attempt */
  next() {
    const ceiling = Math.min(MAX_CEILING_S, MIN_CEILING_S * 2 ** this.#attempt);
    this.#attempt += 1;
    return 1000 * ceiling * Math.random();
  }

  /** After a success. */
  reset() {
    this.#attempt = 0;
  }

  /** Whether an attempt has failed since the last success. */
  get tried() {
    return this.#attempt > 0;
  }
}
