/** @import { Clock } from './clock.js' */

import { CLOCK } from './clock.js';

const AWAY_MS = 5 * 60_000;

/** Whether the person is at this device: away after five minutes without input in all tabs. */
export class OwnPresence {
  #away = false;
  #stop = () => {};
  #say;
  #clock;

  get away() {
    return this.#away;
  }

  /**
   * @param {(state: 'active' | 'away') => void} say tell the server
   * @param {Clock} [clock]
   */
  constructor(say, clock = CLOCK) {
    this.#say = say;
    this.#clock = clock;
    this.#watch();
  }

  /** They are here. */
  input() {
    if (this.#away) this.#say('active');
    this.#away = false;
    this.#watch();
  }

  /** A new connection begins as active. */
  connected() {
    if (this.#away) this.#say('away');
  }

  #watch() {
    this.#stop();
    this.#stop = this.#clock.after(AWAY_MS, () => {
      this.#away = true;
      this.#say('away');
    });
  }
}
