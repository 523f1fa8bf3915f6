/** @import { Chat } from '../wire.js' */

import { isMuted } from '../../notifications/rules.js';
import { WALL_CLOCK } from './clock.js';

/** Browsers' timers go no further. */
const MAX_TIMER_MS = 2_000_000_000;

/** Which chats are muted now. When a mute with an end is over, the chat is shown again. */
export class MuteTimers {
  /** Cancels the timer, by chat. @type {Map<string, () => void>} */
  #cancels = new Map();
  #ended;
  #clock;

  /** @param {(chat: string) => void} ended */
  constructor(ended, clock = WALL_CLOCK) {
    this.#ended = ended;
    this.#clock = clock;
  }

  /** @param {Chat} chat @returns {boolean} */
  isMuted({ id, muted, muted_until = null }) {
    const left = muted_until === null ? 0 : Date.parse(muted_until) - this.#clock.now();
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
    if (left > 0) {
      const wait = this.#clock.after(Math.min(left, MAX_TIMER_MS), () => this.#ended(id));
      this.#cancels.set(id, wait);
    }
    return isMuted({ muted, muted_until }, this.#clock.now());
  }
}
