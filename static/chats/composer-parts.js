/**
 * Parts of the composer that are not needed for the first paint.
 *
 * @module
 */

/** @import { Person, Quote } from '../realtime/wire.js' */
/** @import { Suggestion } from './suggestions.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { icon } from '../shell/icon.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';
import { renderLine } from './markup/render.js';

/**
 * The message that is being replied to or edited.
 *
 * @param {{ quote: Quote, people: Record<string, Person>, editing: boolean, cancel: () => void }} context
 */
export function quotedMessageView({ quote, people, editing, cancel }) {
  const me = quote.sender === document.body.dataset.person;
  const name = me ? t('You') : (people[quote.sender]?.name ?? t('Somebody'));
  return html`<div class="composer-quote">
    <span class="quote ${me ? 'own' : personColor(quote.sender)}"><b>${editing ? t('Editing') : html`<bdi>${name}</bdi>`}</b>
      <bdi>${quote.deleted ? t('This message was deleted.') : renderLine(quote.text)}</bdi></span>
    <button type="button" class="tool" aria-label=${editing ? t('Stop editing') : t('Do not reply')} @click=${cancel}>${icon('x')}</button>
  </div>`;
}

/**
 * @param {Suggestion[]} suggestions
 * @param {number} index
 * @param {(suggestion: Suggestion) => void} choose
 */
export function suggestionsView(suggestions, index, choose) {
  return html`<ul class="menu suggestions" role="listbox" id="suggestions" aria-label=${t('Suggestions')}>${suggestions.map(
    (suggestion, at) => html`<li class="menu-item" role="option" id="suggestion-${at}" aria-selected=${at === index ? 'true' : 'false'}
      @pointerdown=${(/** @type {Event} */ event) => {
        // Keep the focus in the text field.
        event.preventDefault();
        choose(suggestion);
      }}>${suggestion.person ? avatar(suggestion.person, '', 'avatar-small') : html`<span aria-hidden="true">${suggestion.emoji}</span>`}<bdi>${suggestion.label}</bdi><bdi class="menu-detail">${suggestion.detail}</bdi></li>`,
  )}</ul>`;
}
