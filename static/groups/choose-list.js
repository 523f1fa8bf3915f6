/**
 * Base class of lists to pick from: what is picked is shown above as chips, a field finds by name.
 *
 * @module
 */

import { isFound } from '../shell/folded.js';
import { isComposing } from '../shell/keys.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';

/** So many are shown; the rest is found by name. */
const MAX_SHOWN = 100;

/**
 * `found`: the text that the field searches; `after`: next to the name; `more`: below it.
 *
 * @template T
 * @typedef {object} Choice
 * @property {string} id
 * @property {T} value
 * @property {string} name
 * @property {string} found
 * @property {string} color a class
 * @property {unknown} picture
 * @property {unknown} after
 * @property {unknown} more
 */

/** @template T */
export class ChooseList extends View {
  /** @type {(picked: T[]) => void} */
  changed = () => {};
  /** Whether Enter sends the form when nothing is typed and something is picked. */
  sendsOnEnter = false;
  /** @type {Map<string, Choice<T>>} */
  #picked = new Map();
  #query = '';

  /** @returns {Choice<T>[] | null} null while they are not known */
  choices() {
    return null;
  }

  /** @returns {{ placeholder: string, label: string, none: unknown }} `none`: nothing to choose */
  words() {
    return { placeholder: '', label: '', none: nothing };
  }

  get picked() {
    return [...this.#picked.values()].map(({ value }) => value);
  }

  /** @param {Choice<T>} choice */
  #toggle(choice) {
    if (!this.#picked.delete(choice.id)) this.#picked.set(choice.id, choice);
    this.changed(this.picked);
    this.update();
  }

  /** @param {Choice<T>[]} choices @returns {Choice<T>[]} */
  #matching(choices) {
    return choices.filter(({ found }) => isFound(found, this.#query)).slice(0, MAX_SHOWN);
  }

  /** Enter picks the first that was found, instead of sending the form. @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Enter' || isComposing(event)) return;
    if (this.sendsOnEnter && !this.#query && this.#picked.size) return;
    event.preventDefault();
    const [first] = this.#query ? this.#matching(this.choices() ?? []) : [];
    if (!first) return;
    if (!this.#picked.has(first.id)) this.#toggle(first);
    this.#query = /** @type {HTMLInputElement} */ (event.target).value = '';
    this.update();
  }

  view() {
    const choices = this.choices();
    const { placeholder, label, none } = this.words();
    return html`${this.#chips()}
      <label class="search-field">${icon('magnifying-glass')}
        <input class="search-input" type="search" autocomplete="off" dir="auto" placeholder=${placeholder} aria-label=${label}
          @keydown=${this.#key}
          @input=${(/** @type {Event} */ event) => {
            this.#query = /** @type {HTMLInputElement} */ (event.target).value.trim();
            this.update();
          }}></label>
      ${choices && !choices.length ? none : nothing}
      <ul class="choose" role="list">${repeat(
        this.#matching(choices ?? []),
        ({ id }) => id,
        (choice) => html`<li><label class="choose-one ${choice.color}">
          ${choice.picture}
          <span class="choose-name"><bdi>${choice.name}</bdi>${choice.after}<span class="choose-more">${choice.more}</span></span>
          <input type="checkbox" .checked=${this.#picked.has(choice.id)} @change=${() => this.#toggle(choice)}>
        </label></li>`,
      )}</ul>`;
  }

  #chips() {
    if (!this.#picked.size) return nothing;
    return html`<ul class="chips" role="list" aria-label=${t('Chosen')}>${[...this.#picked.values()].map(
      (choice) => html`<li><button type="button" class="chip ${choice.color}" aria-label=${t('Remove {name}', { name: choice.name })}
        @click=${() => this.#toggle(choice)}><bdi>${choice.name}</bdi>${icon('x', { size: '14' })}</button></li>`,
    )}</ul>`;
  }
}
