/**
 * Answers of commands that only the reader sees, above the composer. Loaded with the first.
 *
 * @module
 */

/** @import { Note } from '../realtime/wire.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { timeOfDay } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { cardsView } from './cards.js';
import { renderText } from './markup/render.js';
import { styled } from './program-styles.js';

/** The newest stands lowest, where the list begins to scroll.
 * @param {Note[]} notes the oldest first; those whose time is over are not shown */
export function notesView(notes) {
  const shown = notes.filter(({ until }) => Date.parse(until) > Date.now()).reverse();
  if (!shown.length) return nothing;
  styled().catch(() => {}); // the next drawing tries again
  queueMicrotask(reachLinks);
  return html`<section class="composer-slow command-notes" aria-label=${t('Answers that only you can see')}>${repeat(shown, ({ id }) => id, noteView)}${shown.length > 1 ? dismissAll(shown) : nothing}</section>`;
}

/** In the timeline, arrow keys lead to a message, and its links follow; here Tab leads to each. */
function reachLinks() {
  for (const link of document.querySelectorAll('.command-notes a')) /** @type {HTMLElement} */ (link).tabIndex = 0;
}

/** @param {Pick<Note, 'id' | 'chat'>} note */
const dismissed = ({ id, chat }) => void connect().command({ type: 'note.dismiss', chat, note: id }).catch(() => {});

/** @param {Note[]} notes */
const dismissAll = (notes) => html`<button type="button" class="link command-notes-all" @click=${() => notes.forEach(dismissed)}>${t('Dismiss all')}</button>`;

/** @param {Note} note */
function noteView({ id, chat, command, text, cards = [], at }) {
  const dismiss = () => dismissed({ id, chat });
  return html`<div class="command-note" role="status">
    <div>
      <p><bdi>/${command}</bdi> · ${t('Only you can see this')} · <time datetime=${at}>${timeOfDay(at)}</time></p>
      <div class="text" dir="auto">${cards.length ? cardsView(cards) : renderText(text)}</div>
    </div>
    <button type="button" class="tool" aria-label=${t('Dismiss the answer of {command}', { command: `/${command}` })} title=${t('Dismiss')} @click=${dismiss}>${icon('x')}</button>
  </div>`;
}
