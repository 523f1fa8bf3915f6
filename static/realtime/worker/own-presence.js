/** @import { Clock } from './clock.js' */

import { CLOCK } from './clock.js';

const AWAY_MS = 5 * 60_000;

/** Whether the person is active on this device: away after five minutes without input in any tab. */
export class OwnPresence {
  #away = false;
  #stop = () => {};
  #send;
  #clock;

  get away() {
    return this.#away;
  }

  /**
   * @param {(state: 'active' | 'away') => void} send to the server
   * @param {Clock} [clock]
   */
  constructor(send, clock = CLOCK) {
    this.#send = send;
    this.#clock = clock;
    this.#watch();
  }

  /** The person is active. */
  input() {
    if (this.#away) this.#send('active');
    this.#away = false;
    this.#watch();
  }

  /** A new connection starts as active. */
  connected() {
    if (this.#away) this.#send('away');
  }

  #watch() {
    this.#stop();
    this.#stop = this.#clock.after(AWAY_MS, () => {
      this.#away = true;
      this.#send('away');
    });
  }
}
