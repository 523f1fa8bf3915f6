/**
 * Templates of the timeline's items: message rows, events, dividers.
 *
 * @module
 */

/** @import { UploadActions } from '../files/types.js' */
/** @import { Row } from '../realtime/contract.js' */
/** @import { TimelineState } from '../realtime/timeline-types.js' */
/** @import { Person, Preview, Quote } from '../realtime/wire.js' */
/** @import { actionBarView } from './action-bar.js' */
/** @import { cardsView } from './cards.js' */
/** @import { entryView } from './plugin-entry.js' */
/** @import { refusedView } from './refused.js' */
/** @import { Act } from './room-actions.js' */
/** @import { Selection } from './selection.js' */
/** @import { Item, RowItem } from './timeline-items.js' */

import { nameButton, personColor } from '../accounts/person-color.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { timeOfDay, dayHeading, fullDate, shortDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { reactionsView } from './reactions-view.js';
import { customEmoji } from './markup/custom.js';
import { hasLongWord, isFewEmoji } from './markup/parse.js';
import { mentionsOf, renderLine, renderText } from './markup/render.js';
import { deletedText, eventText, filesOf, quoteLine } from './describe.js';
import { filesView } from './row-files.js';

/**
 * @typedef {object} RowContext
 * @property {string | null} tabStop key of the row with the tab stop
 * @property {number | null} target seq that was jumped to
 * @property {number | null} root seq of the first message of the thread that is shown: it is not quoted,
 *   and does not say that it has replies
 * @property {number | null} edited seq of the message that is being edited
 * @property {Selection | null} selection while messages are being selected
 * @property {Set<string>} unfolded
 * @property {(key: string) => void} unfold
 * @property {(row: Row) => void} retry
 * @property {(row: Row) => void} discard
 * @property {string} chat its id
 * @property {boolean} group
 * @property {boolean} writable
 * @property {boolean} leads whether the reader is an owner or admin of the group
 * @property {Record<string, Person>} people
 * @property {(string | null)[]} withBar keys of the rows that show their action bar
 * @property {Act} act
 * @property {UploadActions} uploads
 * @property {typeof actionBarView | null} bar draws the action bar; null until its module is loaded
 * @property {typeof cardsView | null} cards draws the cards of programs; likewise
 * @property {typeof entryView | null} entry draws an entry of a plugin; likewise, with the first one
 * @property {typeof refusedView | null} refused says why a message was not sent; likewise
 */

/** Whether the row has an action bar and a menu. @param {Row} row */
export const canAct = (row) => row.kind === 'text' && row.seq !== null && !row.deleted;

/** Whether the reader may change its text; that of an entry of a plugin is the plugin's. @param {Row} row */
export const canEdit = (row) => row.mine && canAct(row) && !row.layout?.plugin;

/**
 * Shown instead of rows: loading, failed, left, or empty.
 *
 * @param {TimelineState | undefined} state
 * @param {() => void} retry
 */
export function statusView(state, retry) {
  if (!state || state.status === 'loading') return skeletonView();
  /** @param {unknown} content */
  const text = (content) => html`<p class="timeline-empty">${content}</p>`;
  if (state.status === 'left') return nowhere(t('You are not in this chat any more.'));
  if (state.status === 'ready') {
    const isCleared = (state.chat?.kept_from ?? 1) > 1;
    return text(isCleared ? t('The messages here were deleted.') : t('Nothing has been said here yet. The first word is yours.'));
  }
  switch (state.failure?.code) {
    case 'not_found':
      return nowhere(t('There is no such chat, or it is not yours to read.'));
    case 'offline':
      return text(t('You are offline, and this chat is not kept on this device yet. It will appear once you are back.'));
    default:
      return text(html`${t('These messages could not be fetched. None of them is lost.')}
        <button class="link" @click=${retry}>${t('Try again')}</button>`);
  }
}

/** In place of a chat. @param {string} why */
const nowhere = (why) => html`<div class="welcome nowhere"><h2>${t('No such chat')}</h2><p>${why}</p>
  <a class="btn btn-quiet" href="/">${t('Back to your chats')}</a></div>`;

const skeletonView = () => html`<div class="skeleton" aria-hidden="true">${[0, 1, 2, 3, 4, 5].map(
  (n) => html`<div class="skeleton-line ${n % 3 ? 'skeleton-long' : 'skeleton-short'}"></div>`,
)}</div>`;

/** @param {Item} item @param {RowContext} context */
export function itemView(item, context) {
  if (item.kind === 'day') return html`<li class="day"><span>${dayHeading(item.at)}</span></li>`;
  if (item.kind === 'new') {
    // An own message can be marked as unread.
    return html`<li class="new"><span>${item.count ? tn('{n} new', '{n} new', item.count) : t('New')}</span></li>`;
  }
  if (item.kind === 'row') return rowView(item, context);
  const { rows, names, people } = item;
  const aboutMe = rows[0].about === connect().person;
  return html`<li class="event" data-key=${item.key} data-seq=${rows.at(-1)?.seq ?? nothing}
    tabindex=${item.key === context.tabStop ? 0 : -1}
  ><span dir="auto">${eventText({ ...rows[0], names, people, aboutMe })}</span></li>`;
}

/** @param {RowItem} item @param {RowContext} context */
function rowView(item, context) {
  const { row, starts, ends, name } = item;
  const kinds = [
    row.mine ? 'own' : personColor(row.sender, context.chat),
    starts && 'row-starts',
    ends && 'row-ends',
    row.seq !== null && row.seq === context.target && 'row-target',
    row.seq !== null && row.seq === context.edited && 'row-edited',
    context.selection?.has(row.key) && 'row-selected',
  ];
  return html`<li class="row ${kinds.filter(Boolean).join(' ')}" data-key=${row.key}
    data-seq=${row.seq ?? nothing} data-client-id=${row.client_id} data-state=${item.state}
    tabindex=${row.key === context.tabStop ? 0 : -1}>
    ${context.selection?.check(row, name) ?? nothing}<time class="row-time" datetime=${row.at} title=${fullDate(row.at)}>${timeOfDay(row.at)}</time>
    <div class="row-body">${whoView(item, name, context)}${row.mine && !row.deleted ? deliveryStatusView(item, context) : nothing}${
      row.mine && starts ? html`<time class="row-own-time" datetime=${row.at}>${timeOfDay(row.at)}</time>` : nothing
    }${
      row.quote && row.quote.seq !== context.root ? quoteView(row.quote, context) : nothing
    }${row.deleted ? deletedView(row) : textView(row, context)}${filesView({ chat: context.chat, row }, context.uploads)}${
      row.state === 'refused' ? (context.refused?.(row, context) ?? nothing) : nothing
    }${previewsView(row)}${labelsView(item, context)}${reactionsView(row, context)}${
      context.bar && context.withBar.includes(row.key) && canAct(row) ? context.bar(row, context.act, context) : nothing
    }</div>
  </li>`;
}

/** @param {RowItem} item @param {string} name @param {RowContext} context */
function whoView({ row, starts }, name, { people }) {
  if (row.mine) return html`<span class="visually-hidden">${t('You')}: </span>`;
  const { id, username, bot } = people[row.sender] ?? { id: '', username: '' };
  const sign = row.layout?.emoji ? [customEmoji.drawn(row.layout.emoji), ' '] : '';
  // A program that gives another name is marked as one, even when its account is gone. The timeline
  // has one tab stop; the menu of a message leads to the card, too.
  const shown = { id, username, name: [sign, name || t('Somebody')], bot: bot || Boolean(row.layout?.name) };
  if (starts) return html`<b class="row-who">${nameButton(shown, -1)}</b>`;
  return html`<span class="visually-hidden">${name}: </span>`;
}

/** @param {Row} row */
const deletedView = (row) => html`<div class="text row-deleted">${deletedText(row)}</div>`;

/**
 * The quoted message, in the colour of its author.
 *
 * @param {Quote} quote
 * @param {RowContext} context
 */
function quoteView(quote, { chat, people }) {
  const me = quote.sender === document.body.dataset.person;
  return html`<a class="quote ${me ? 'own' : personColor(quote.sender, chat)}" href="/c/${chat}/at/${quote.seq}" tabindex="-1"
    ><b><bdi>${me ? t('You') : (people[quote.sender]?.name ?? t('Somebody'))}</bdi></b> <bdi>${quoteLine(quote)}</bdi></a>`;
}

/** “edited”, “pinned” and the like. @param {RowItem} item @param {RowContext} context */
function labelsView({ row }, { act, root }) {
  const labels = [];
  /** @param {string} words @param {'openHistory' | 'openThread'} action */
  const button = (words, action) =>
    html`<button class="row-label ${action === 'openThread' ? 'row-thread' : ''}" tabindex="-1" @click=${() => act(action, row)}>${words}</button>`;
  if (row.edited_at && !row.deleted) labels.push(button(t('edited'), 'openHistory'));
  if (row.pinned) labels.push(html`<span class="row-label">${icon('push-pin', { size: '14' })} ${t('pinned')}</span>`);
  if (row.saved) labels.push(html`<span class="row-label">${icon('bookmark-simple', { size: '14' })} ${t('saved')}</span>`);
  if (row.replies && row.seq !== root) labels.push(button(repliesText(row), 'openThread'));
  return labels.length ? html`<div class="row-labels">${labels}</div>` : nothing;
}

/** @param {Row} row */
function repliesText({ replies, last_reply_at: last, at }) {
  return tn('{n} reply, last {when}', '{n} replies, last {when}', replies, { when: shortDate(last ?? at) });
}

/**
 * One card per link preview. Text only: an image would be fetched from a stranger's server.
 *
 * @param {Row} row
 */
function previewsView({ previews, deleted }) {
  const shown = deleted ? [] : previews.filter(({ url }) => /^https?:/.test(url));
  return shown.length ? html`<div class="cards">${shown.map(cardView)}</div>` : nothing;
}

/** @param {Preview} preview */
function cardView({ url, title, description, site }) {
  return html`<a class="card" href=${url} target="_blank" rel="noopener noreferrer nofollow" tabindex="-1">
    <span class="card-site" dir="auto">${site || new URL(url).hostname}</span>
    <b class="card-title" dir="auto">${title || url}</b>
    ${description ? html`<span class="card-text" dir="auto">${description}</span>` : nothing}
  </a>`;
}

/** @type {WeakMap<Row, { people: Record<string, Person>, version: number, draw: unknown, text: unknown }>} */
const texts = new WeakMap();

/** @param {Row} row @param {RowContext} context */
function textView(row, context) {
  const plain = plainView(row, context);
  return row.layout?.plugin && context.entry ? context.entry(row, context, plain) : plain;
}

/** @param {Row} row @param {RowContext} context */
function plainView(row, { unfolded, unfold, people, cards }) {
  const boxes = row.layout?.cards;
  const draw = boxes && cards;
  let made = texts.get(row);
  // Mentioned people may become known after the message: render again then.
  const { version } = customEmoji;
  const isCurrent = made && made.version === version && made.draw === draw;
  if (!made || !isCurrent || (made.people !== people && (draw || row.text.includes('@')))) {
    const mentions = mentionsOf(row, people);
    made = { people, version, draw, text: draw ? draw(boxes, mentions, people) : renderText(row.text, mentions) };
    texts.set(row, made);
  }
  const { text } = made;
  if (!row.text && filesOf(row).length) return nothing;
  const folded = isLong(row.text) && !unfolded.has(row.key);
  const kinds = [folded && 'text-folded', hasLongWord(row.text) && 'text-dense', !draw && isFewEmoji(customEmoji.replaced(row.text)) && 'text-emoji'];
  return html`<div class="text ${kinds.filter(Boolean).join(' ')}" dir="auto">${text}</div>${
    folded
      ? html`<button class="link" tabindex="-1" @click=${() => unfold(row.key)}>${t('Show all of it')}</button>`
      : nothing
  }`;
}

/** Longer than about thirty lines. @param {string} text */
function isLong(text) {
  return text.length > 3000 || text.split('\n', 32).length > 31;
}

const DELIVERY_STATUS = {
  pending: { picture: 'clock', words: () => t('waiting') },
  refused: { picture: 'warning-circle', words: () => t('not sent') },
  sent: { picture: 'check', words: () => t('sent') },
  delivered: { picture: 'checks', words: () => t('delivered') },
  read: { picture: 'checks', words: () => t('seen') },
};

/** With its words only where the row tells it. @param {string} picture @param {string} label @param {boolean} tells */
const markView = (picture, label, tells) =>
  tells ? html`${icon(picture, { size: '14' })} ${label}` : icon(picture, { size: '14', label });

/** @param {RowItem} item @param {RowContext} context */
function deliveryStatusView({ row, state, tells, seen }, { group, act }) {
  const quiet = tells ? '' : 'row-state-quiet';
  if (group && seen) {
    return html`<button class="row-state row-state-read ${quiet}" tabindex="-1" @click=${() => act('openSeenBy', row)}>${markView('checks', tn('seen by {n}', 'seen by {n}', seen), tells)}</button>`;
  }
  const { picture, words } = DELIVERY_STATUS[state];
  return html`<span class="row-state row-state-${state} ${quiet}">${markView(picture, words(), tells)}</span>`;
}
