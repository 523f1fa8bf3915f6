/**
 * What may stand around the words being written.
 *
 * @module
 */

/** @import { Person, Quote } from '../realtime/wire.js' */
/** @import { Choice } from './suggestions.js' */

import { voice } from '../accounts/person-color.js';
import { icon } from '../shell/icon.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';
import { preview } from './markup.js';

/**
 * The message that is answered or changed.
 *
 * @param {{ quote: Quote, people: Record<string, Person>, editing: boolean, cancel: () => void }} what
 */
export function aboveView({ quote, people, editing, cancel }) {
  const me = quote.sender === document.body.dataset.person;
  const name = me ? t('You') : (people[quote.sender]?.name ?? t('Somebody'));
  return html`<div class="comp-reply">
    <span class="quote ${me ? 'own' : voice(quote.sender)}"><b>${editing ? t('Editing') : html`<bdi>${name}</bdi>`}</b>
      <bdi>${quote.deleted ? t('This message was deleted.') : preview(quote.text)}</bdi></span>
    <button type="button" class="tool" aria-label=${editing ? t('Stop editing') : t('Do not reply')} @click=${cancel}>${icon('x')}</button>
  </div>`;
}

/** @param {Choice[]} choices @param {number} chosen @param {(choice: Choice) => void} choose */
export function choicesView(choices, chosen, choose) {
  return html`<ul class="menu choices" role="listbox" id="completion" aria-label=${t('Suggestions')}>${choices.map(
    (choice, at) => html`<li class="menu-item" role="option" id="completion-${at}" aria-selected=${at === chosen ? 'true' : 'false'}
      @pointerdown=${(/** @type {Event} */ event) => {
        // The words keep the focus.
        event.preventDefault();
        choose(choice);
      }}><span aria-hidden="true">${choice.picture}</span><bdi>${choice.words}</bdi><bdi class="choice-more">${choice.more}</bdi></li>`,
  )}</ul>`;
}
