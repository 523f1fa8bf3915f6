/**
 * `<list-choices>`: the choice which chats the list shows. Loaded after the first paint; the style
 * sheet keeps its place.
 *
 * @module
 */

/** @import { Filter } from './list-filter.js' */

import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

export class ListChoices extends View {
  /** @type {Filter} */
  #filter = 'all';
  #isEmpty = false;
  /** @type {(filter: Filter) => void} */
  choose = () => {};

  /** @param {Filter} filter */
  set filter(filter) {
    this.#filter = filter;
    this.update();
  }

  /** Whether it leaves no chat. @param {boolean} isEmpty */
  set empty(isEmpty) {
    this.#isEmpty = isEmpty;
    this.update();
  }

  view() {
    /** @type {[Filter, string][]} */
    const choices = [
      ['all', t('All')],
      ['unread', t('Unread')],
      ['mentions', t('Mentions')],
    ];
    return html`<div class="chats-filter" role="group" aria-label=${t('Which chats')}>${choices.map(
      ([name, words]) => html`<button class="chats-choice" aria-pressed=${name === this.#filter}
        @click=${() => this.choose(name)}>${words}</button>`,
    )}</div>${this.#isEmpty ? html`<p class="chats-none">${NONE[this.#filter]()}</p>` : nothing}`;
  }
}

/** @type {Record<Filter, () => unknown>} */
const NONE = {
  all: () => nothing,
  unread: () => t('Nothing is unread.'),
  mentions: () => t('No unread message mentions you.'),
};

customElements.define('list-choices', ListChoices);
