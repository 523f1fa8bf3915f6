/**
 * The reactions under a message.
 *
 * @module
 */

/** @import { ReactionView, Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { Act } from './room-actions.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { count, language, t } from '../shell/words.js';
import { customEmoji } from './markup/custom.js';

/** Offered in the message menu, without the picker. */
export const QUICK_REACTIONS = ['👍', '❤️', '😂', '🎉', '😮', '😢'];

/** More people than this are summed up as “n more”. */
const MAX_NAMES = 8;

/**
 * @param {Row} row
 * @param {{ chat: string, writable: boolean, people: Record<string, Person>, act: Act }} context
 */
export function reactionsView(row, { chat, writable, people, act }) {
  if (!row.reactions.length || row.seq === null) return nothing;
  const { seq } = row;
  return html`<div class="reactions">${row.reactions.map((one) => {
    const who = namesText(one, people);
    // The name of an emoji that was removed: nobody can react with it.
    const drawn = customEmoji.drawn(one.emoji);
    const words = t('{emoji} {n}: {names}', { emoji: one.emoji, n: count(one.count), names: who });
    return html`<button class="reaction ${one.mine ? 'reaction-mine' : ''}" aria-pressed=${one.mine}
      aria-label=${words} title=${who} tabindex="-1" data-emoji=${one.emoji}
      ?disabled=${!one.mine && (!writable || `${drawn}`[0] === ':')}
      @click=${() => toggleReaction(chat, seq, one)}><span aria-hidden="true">${drawn} ${count(one.count)}</span></button>`;
  })}${writable
    ? html`<button class="reaction reaction-add" aria-label=${t('Add a reaction')} title=${t('Add a reaction')} tabindex="-1"
    @click=${(/** @type {Event} */ event) => act('react', row, /** @type {Element} */ (event.currentTarget))}>${icon('smiley', { size: '16' })}</button>`
    : nothing}</div>`;
}

/** @param {string} chat @param {number} seq @param {{ emoji: string, mine: boolean }} reaction */
export function toggleReaction(chat, seq, { emoji, mine }) {
  const client = connect();
  const done = mine ? client.unreact(chat, seq, emoji) : client.react(chat, seq, emoji);
  // Refused or offline: the owner undoes the optimistic reaction by itself.
  done.catch(() => {});
}

/** @param {ReactionView} reaction @param {Record<string, Person>} people */
function namesText({ people: ids, count: all }, people) {
  const me = connect().person;
  const known = ids.map((id) => (id === me ? t('You') : (people[id]?.name ?? ''))).filter(Boolean);
  const shown = known.slice(0, MAX_NAMES);
  if (all > shown.length) shown.push(t('{n} more', { n: count(all - shown.length) }));
  return new Intl.ListFormat(language()).format(shown);
}
