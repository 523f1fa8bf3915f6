/**
 * When a composer suggests people, emoji and commands. The suggestions themselves are loaded with the
 * first `@`, `:` or `/`.
 *
 * @module
 */

/** @import { MemberView } from '../realtime/contract.js' */
/** @import { Autocomplete } from './autocomplete.js' */
/** @import { Suggestion } from './suggestions.js' */

import { nothing } from '../shell/view.js';

/** An @ and the longest name. */
const MAX_WORD_LENGTH = 33;

export class ComposerSuggestions {
  /** @type {Autocomplete | null} */
  #autocomplete = null;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Id of the suggestion that Enter inserts; null while there is none. */
  get active() {
    return this.#autocomplete?.active ?? null;
  }

  get isOpen() {
    return this.#autocomplete?.isOpen ?? false;
  }

  /**
   * Suggest what fits the word before the caret.
   *
   * @param {HTMLTextAreaElement} input
   * @param {{ chat: string, members: MemberView[], canMentionAll: boolean }} scope
   * @param {(input: HTMLTextAreaElement) => boolean} isInsideCode
   */
  async follow(input, scope, isInsideCode) {
    const word = textBeforeCaret(input).slice(-MAX_WORD_LENGTH);
    if (!this.#autocomplete && !/[@:]\S{0,32}$|^\/[\w-]*$/u.test(word)) return;
    if (/[@:]\S*$/u.test(word) && isInsideCode(input)) {
      this.dismiss();
      return;
    }
    try {
      const { Autocomplete } = await import('./autocomplete.js');
      this.#autocomplete ??= new Autocomplete(this.#changed);
    } catch {
      return; // offline: no suggestions
    }
    await this.#autocomplete.update(textBeforeCaret(input), scope);
  }

  dismiss() {
    this.#autocomplete?.dismiss();
  }

  /** @param {KeyboardEvent} event @param {HTMLTextAreaElement | null} input
   * @returns {boolean} whether the key was for the suggestions */
  key(event, input) {
    const handled = this.#autocomplete?.key(event);
    if (!handled) return false;
    if (handled !== true && input) this.#autocomplete?.insert(input, handled);
    return true;
  }

  /** @param {() => HTMLTextAreaElement | null} input where the chosen one goes */
  view(input) {
    const choose = (/** @type {Suggestion} */ suggestion) => {
      const field = input();
      if (field) this.#autocomplete?.insert(field, suggestion);
    };
    return this.#autocomplete?.view(choose) ?? nothing;
  }
}

/** @param {HTMLTextAreaElement} input */
const textBeforeCaret = (input) => input.value.slice(0, input.selectionStart);
