/**
 * What a timeline shows, piece by piece.
 *
 * @module
 */

/** @import { Failure, Row } from '../realtime/contract.js' */
/** @import { Item, RowItem } from './window.js' */

import { voice } from '../accounts/voice.js';
import { icon } from '../shell/icon.js';
import { clock, dayWords, whole } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { formatted, isDense } from './markup.js';

/**
 * @typedef {object} RowContext
 * @property {string | null} active key of the row with the tab stop
 * @property {number | null} target seq that was jumped to
 * @property {Set<string>} unfolded
 * @property {(key: string) => void} unfold
 * @property {(row: Row) => void} retry
 * @property {(row: Row) => void} takeBack
 */

/** @param {Item} item @param {RowContext} context */
export function itemView(item, context) {
  if (item.kind === 'day') return html`<li class="day"><span>${dayWords(item.at)}</span></li>`;
  if (item.kind === 'new') {
    return html`<li class="new"><span>${tn('{n} new', '{n} new', item.count)}</span></li>`;
  }
  if (item.kind === 'row') return rowView(item, context);
  return html`<li class="event" data-key=${item.key} data-seq=${item.row.seq ?? nothing}
    tabindex=${item.key === context.active ? 0 : -1}
  ><span dir="auto">${eventWords(item.row, item.name)}</span></li>`;
}

/** @param {RowItem} item @param {RowContext} context */
function rowView(item, context) {
  const { row, starts, ends, name } = item;
  const kinds = [
    row.mine ? 'own' : voice(row.sender),
    starts && 'row-starts',
    ends && 'row-ends',
    row.seq !== null && row.seq === context.target && 'row-target',
  ];
  return html`<li class="row ${kinds.filter(Boolean).join(' ')}" data-key=${row.key}
    data-seq=${row.seq ?? nothing} data-client-id=${row.client_id} data-state=${item.state}
    tabindex=${row.key === context.active ? 0 : -1}>
    <time class="row-time" datetime=${row.at} title=${whole(row.at)}>${clock(row.at)}</time>
    <div class="row-body">${whoView(item, name)}${row.mine ? markView(item) : nothing}${textView(row, context)}${
      row.state === 'refused' ? refusedView(row, context) : nothing
    }</div>
  </li>`;
}

/** @param {RowItem} item @param {string} name */
function whoView({ row, starts }, name) {
  if (row.mine) return html`<span class="aside">${t('You')}: </span>`;
  if (starts) return html`<b class="row-who"><bdi>${name || t('Somebody')}</bdi></b>`;
  return html`<span class="aside">${name}: </span>`;
}

/** @type {WeakMap<Row, unknown>} */
const texts = new WeakMap();

/** @param {Row} row @param {RowContext} context */
function textView(row, { unfolded, unfold }) {
  let text = texts.get(row);
  if (!text) {
    text = formatted(row.text);
    texts.set(row, text);
  }
  const folded = isLong(row.text) && !unfolded.has(row.key);
  const kinds = [folded && 'text-folded', isDense(row.text) && 'text-dense'];
  return html`<div class="text ${kinds.filter(Boolean).join(' ')}" dir="auto">${text}</div>${
    folded
      ? html`<button class="link" tabindex="-1" @click=${() => unfold(row.key)}>${t('Show all of it')}</button>`
      : nothing
  }`;
}

/** More than about thirty lines. @param {string} text */
function isLong(text) {
  return text.length > 3000 || text.split('\n', 32).length > 31;
}

const MARKS = {
  pending: { picture: 'clock', words: () => t('waiting') },
  refused: { picture: 'warning-circle', words: () => t('not sent') },
  sent: { picture: 'check', words: () => t('sent') },
  delivered: { picture: 'checks', words: () => t('delivered') },
  read: { picture: 'checks', words: () => t('seen') },
};

/** @param {RowItem} item */
function markView({ state, ends }) {
  const { picture, words } = MARKS[state];
  const label = words();
  return html`<span class="row-state row-state-${state}">${
    ends ? html`${icon(picture, { size: '14' })} ${label}` : icon(picture, { size: '14', label })
  }</span>`;
}

/** @param {Row} row @param {RowContext} context */
function refusedView(row, { retry, takeBack }) {
  return html`<div class="row-refused">
    <span>${refusal(row.failure)}</span>
    <button class="link" tabindex="-1" @click=${() => retry(row)}>${t('Send again')}</button>
    <button class="link" tabindex="-1" @click=${() => takeBack(row)}>${t('Back to writing')}</button>
  </div>`;
}

/** Why a message was not taken, and that nothing is lost. @param {Failure | null} failure */
export function refusal(failure) {
  switch (failure?.code) {
    case 'not_contacts':
      return t('Not sent: you are not in touch any more. Your words are kept here.');
    case 'too_long':
      return t('Not sent: this is too long. Your words are kept here.');
    case 'not_found':
      return t('Not sent: this chat is not yours any more. Your words are kept here.');
    case 'empty':
      return t('Not sent: there was nothing in it to read.');
    case 'rate_limited':
      return t('Not sent: too many at once. Your words are kept here.');
    default:
      return t('Not sent: the server refused it. Your words are kept here.');
  }
}

/** @param {Row} row @param {string} name */
function eventWords(row, name) {
  if (row.kind === 'joined') return t('{name} joined', { name });
  if (row.kind === 'left') return t('{name} left', { name });
  return t('Something happened here that this version of Parley cannot show.');
}
