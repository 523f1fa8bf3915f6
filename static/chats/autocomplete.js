/**
 * The suggestions above the composer. Loaded when the first `@`, `:` or `/` is typed.
 *
 * @module
 */

/** @import { MemberView } from '../realtime/contract.js' */
/** @import { Suggestion, Suggestions } from './suggestions.js' */

import { nothing } from '../shell/view.js';
import { replaceText } from './composer-typing.js';
import { noteUse } from './emoji-habits.js';
import { findSuggestions } from './suggestions.js';
import { suggestionsView } from './composer-parts.js';

export class Autocomplete {
  /** @type {Suggestions | null} */
  #suggestions = null;
  /** Of the chosen suggestion; -1 while Enter chooses none. */
  #index = 0;
  #requests = 0;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Id of the suggestion that Enter inserts; null while there is none. */
  get active() {
    return this.#suggestions && this.#index >= 0 ? `suggestion-${this.#index}` : null;
  }

  get isOpen() {
    return this.#suggestions !== null;
  }

  /**
   * @param {string} before the text up to the caret
   * @param {{ chat: string, members: MemberView[], canMentionAll: boolean }} scope
   */
  async update(before, scope) {
    const request = ++this.#requests;
    // The emoji list could not be fetched: suggest nothing.
    const found = await findSuggestions(before, scope).catch(() => null);
    if (request !== this.#requests) return;
    this.#suggestions = found;
    // “:no” and Enter sends “:no”: an emoji is chosen with the arrows, Tab or its closing colon. So
    // is a command whose name is complete.
    const first = found?.items[0];
    this.#index = first?.emoji || first?.isComplete ? -1 : 0;
    this.#changed();
  }

  dismiss() {
    this.#requests += 1;
    this.#suggestions = null;
    this.#changed();
  }

  /**
   * @param {HTMLTextAreaElement} input
   * @param {Suggestion} suggestion
   */
  insert(input, suggestion) {
    if (!this.#suggestions) return;
    if (suggestion.emoji) noteUse(suggestion.emoji);
    replaceText(input, this.#suggestions.from, input.selectionStart, suggestion.insert);
    this.dismiss();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean | Suggestion} whether the key was handled; the suggestion that it chose
   */
  key(event) {
    if (!this.#suggestions) return false;
    const { items } = this.#suggestions;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      this.#index = (Math.max(this.#index, by < 0 ? 0 : -1) + by + items.length) % items.length;
      this.#changed();
      // A low screen shows a part of the list.
      requestAnimationFrame(() => document.getElementById(this.active ?? '')?.scrollIntoView({ block: 'nearest' }));
    } else if (event.key === 'Escape') this.dismiss();
    else if (event.key === 'Tab') return items[Math.max(0, this.#index)];
    else if (event.key === 'Enter' && !event.shiftKey && this.#index >= 0) return items[this.#index];
    else return false;
    return true;
  }

  /** @param {(suggestion: Suggestion) => void} choose */
  view(choose) {
    return this.#suggestions ? suggestionsView(this.#suggestions.items, this.#index, choose) : nothing;
  }
}
