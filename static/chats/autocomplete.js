/**
 * The suggestions above what is being written: loaded with the first @ or :.
 *
 * @module
 */

/** @import { MemberView } from '../realtime/contract.js' */
/** @import { Choice, Completion } from './suggestions.js' */

import { nothing } from '../shell/view.js';
import { complete } from './suggestions.js';
import { choicesView } from './composer-parts.js';

export class Completing {
  /** @type {Completion | null} */
  #found = null;
  #at = 0;
  #asked = 0;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Id of the suggestion that Enter takes, or null while there is none. */
  get active() {
    return this.#found && `completion-${this.#at}`;
  }

  /** @param {string} before the text up to the caret @param {{ members: MemberView[], all: boolean }} who */
  async look(before, who) {
    const asked = ++this.#asked;
    // Not fetched: the word stays as it was typed.
    const found = await complete(before, who).catch(() => null);
    if (asked !== this.#asked) return;
    this.#found = found;
    this.#at = 0;
    this.#changed();
  }

  dismiss() {
    this.#asked += 1;
    this.#found = null;
    this.#changed();
  }

  /**
   * @param {HTMLTextAreaElement} input
   * @param {Choice} choice
   */
  put(input, choice) {
    if (!this.#found) return;
    input.setRangeText(choice.insert, this.#found.from, input.selectionStart, 'end');
    this.dismiss();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean | Choice} whether it was meant here, and what it chose
   */
  key(event) {
    if (!this.#found) return false;
    const { choices } = this.#found;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      this.#at = (this.#at + by + choices.length) % choices.length;
      this.#changed();
    } else if (event.key === 'Escape') this.dismiss();
    else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) return choices[this.#at];
    else return false;
    return true;
  }

  /** @param {(choice: Choice) => void} choose */
  view(choose) {
    return this.#found ? choicesView(this.#found.choices, this.#at, choose) : nothing;
  }
}
