/**
 * Parts of the composer that are not needed for the first paint.
 *
 * @module
 */

/** @import { ChatView, ScheduledView } from '../realtime/contract.js' */
/** @import { Me, Person, Quote } from '../realtime/wire.js' */
/** @import { Suggestion } from './suggestions.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { icon } from '../shell/icon.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';
import { quoteLine } from './describe.js';
import { customEmoji } from './markup/custom.js';

/** The counter appears when this many characters are left. */
const COUNTER_FROM = 1000;

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
      <bdi>${quoteLine(quote)}</bdi></span>
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
      }}>${suggestion.person ? avatar(suggestion.person, '', 'avatar-small') : suggestion.emoji ? html`<span aria-hidden="true">${customEmoji.drawn(suggestion.emoji)}</span>` : nothing}<bdi>${suggestion.label}</bdi><bdi class="menu-detail">${suggestion.detail}</bdi></li>`,
  )}</ul>`;
}

/** The server refuses further drafts. */
export const draftFullText = () =>
  t('Your drafts are full. This one is on this device only, until you send or delete others.');

/** How many messages are scheduled in this chat. @param {ScheduledView[]} scheduled */
export function scheduledBadge(scheduled) {
  if (!scheduled.length) return nothing;
  const failed = scheduled.some((one) => one.failed !== null);
  return html`<span class="badge ${failed ? 'badge-alert' : ''}"><span aria-hidden="true">${count(scheduled.length)}</span><span
    class="visually-hidden">${failed ? t('some could not be sent') : tn('{n} scheduled', '{n} scheduled', scheduled.length)}</span></span>`;
}

/** How a text is formatted, shown below it while it is written. @param {boolean} isInCode */
export const formattingHint = (isInCode) => html`<p class="composer-hint" aria-hidden="true"><b>**${t('bold')}**</b> <i>*${t('italic')}*</i>
    <s>~~${t('struck')}~~</s> <code>\`${t('code')}\`</code> <span>&gt; ${t('quote')}</span> <span>- ${t('list')}</span>
    <span>${isInCode ? t('Ctrl+Enter: send') : t('Shift+Enter: new line')}</span></p>`;

/** @param {number} left characters */
export function counterView(left) {
  if (left >= COUNTER_FROM) return nothing;
  if (left >= 0) return html`<span class="composer-left">${tn('{n} left', '{n} left', left)}</span>`;
  return html`<span class="composer-left composer-over">${t('{n} too many', { n: count(-left) })}</span>`;
}

/**
 * In place of the composer of a chat in which the reader may not write.
 *
 * @param {ChatView} chat
 * @param {Parameters<typeof notesView>[0]} composer
 */
export function readOnlyView({ id, scheduled, closed_reason: reason }, composer) {
  const why = reason
    ? html`<b>${t('Closed by a moderator.')}</b> <bdi>${reason}</bdi>`
    : html`${t('You are no longer contacts. What was said stays.')}
    <a href="/people">${t('People')}</a>`;
  return html`<div class="composer">${notesView(composer)}<p class="composer-closed">${why}${
      scheduled.length
        ? html` <button class="link" @click=${() => showScheduled(id)}>${t('Scheduled messages')}</button>`
        : nothing
    }</p></div>`;
}

/**
 * How often the reader may write, above the text; nothing when moderators did not limit it.
 *
 * @param {Me['slowdown']} slowdown
 */
export function slowdownView(slowdown) {
  if (!slowdown || Date.parse(slowdown.until) <= Date.now()) return nothing;
  const { interval_s: seconds, until, reason } = slowdown;
  const often = tn('You can send one message every {n} second.', 'You can send one message every {n} seconds.', seconds);
  const why = t('A moderator set this until {time}. Further messages wait here and are sent by themselves.', {
    time: fullDate(until),
  });
  return html`<p class="composer-slow"><b>${often}</b> ${why} ${t('Reason:')} <bdi>${reason}</bdi></p>`;
}

/** Codes of messages that came back from moderators. */
const RETURNED = ['refused', 'undecided'];

/**
 * The reader's messages in this chat that wait for a moderator, or came back from one.
 *
 * @param {ChatView | null} chat
 */
export function heldView(chat) {
  const held = chat?.scheduled.filter((one) => one.held) ?? [];
  const returned = chat?.scheduled.filter(({ failed }) => failed && RETURNED.includes(failed)) ?? [];
  const last = returned.at(-1) ?? held.at(-1);
  if (!chat || !last) return nothing;
  const what = last.failed === 'refused' ? t('A moderator did not let this through:')
    : returned.length ? t('No moderator decided in time:') : t('Waits for a moderator:');
  return html`<p class="composer-slow composer-held" role="status"><b>${what}</b>
    <bdi class="composer-held-text">${last.text || last.files.map(({ name }) => name).join(', ')}</bdi>
    <button type="button" class="link" @click=${() => showScheduled(chat.id)}>${tn('Show {n} message', 'Show {n} messages', held.length + returned.length)}</button></p>`;
}

/** @type {typeof import('./command-notes.js') | null} */
let notes = null;

/**
 * Answers of commands that only the reader sees; nothing until their module is loaded.
 *
 * @param {{ chatView: ChatView | null, to: { thread: number | null }, update: () => void }} composer
 */
export function notesView(composer) {
  const { chatView: chat, to } = composer;
  // On a narrow screen, a thread covers the field of the chat.
  if (!chat?.notes?.length || (to.thread !== null && !matchMedia('(max-width: 1023px)').matches)) return nothing;
  if (notes) return notes.notesView(chat.notes);
  import('./command-notes.js').then(
    (loaded) => {
      notes = loaded;
      composer.update();
    },
    () => {},
  );
  return nothing;
}

/** @param {string} chat */
const showScheduled = (chat) =>
  void import('./scheduled-messages.js').then(({ openScheduled }) => openScheduled(chat), () => {});

/**
 * Fit the height to the text, for browsers without `field-sizing`.
 *
 * @param {HTMLTextAreaElement} input
 */
export function fitHeight(input) {
  if (CSS.supports('field-sizing', 'content')) return;
  input.style.blockSize = 'auto';
  input.style.blockSize = `${input.scrollHeight}px`;
}
