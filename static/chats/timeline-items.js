/**
 * The items of a timeline in order: rows grouped in runs, day headings, events, and the divider
 * above the unread. No DOM.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { PositionsView, TimelineDiff, TimelineState } from '../realtime/timeline-types.js' */

import { cut } from '../realtime/both/platform.js';
import { nameOf, seenBy, stateOf } from '../realtime/tab/timeline.js';
import { localDay } from '../shell/times.js';
import { fileLabel, filesOf } from './describe.js';

/**
 * @typedef {{ kind: 'day', key: string, at: string }} DayItem
 * @typedef {{ kind: 'new', key: string, count: number }} NewItem
 * @typedef {object} RowItem
 * @property {'row'} kind
 * @property {string} key
 * @property {Row} row
 * @property {string} name of the sender
 * @property {boolean} starts a run: shows the name and the time
 * @property {boolean} ends a run
 * @property {boolean} tells its delivery status at all times: the last own row that has come so far
 * @property {number} seen how many others have seen an own message
 * @property {ReturnType<typeof stateOf>} state
 * @typedef {{ kind: 'event', key: string, row: Row, name: string, about: string | null }} EventItem
 * @typedef {DayItem | NewItem | RowItem | EventItem} Item
 */

/** A longer pause starts a new run, even of the same person. */
const RUN_PAUSE_MS = 5 * 60_000;
const MAX_ANNOUNCEMENTS = 10;

export class TimelineItems {
  /** @type {Item[]} */
  items = [];
  /** How many messages of others arrived below while the reader was scrolled up. They are counted
   * in the rows: not every way by which a row comes says that it is new. */
  newBelow = 0;
  /** The newest message when the view was last at the end. */
  #endSeq = 0;
  /** @type {string | null} key of the row with the tab stop */
  tabStop = null;
  /** @type {{ key: string, text: string }[]} for screen readers: the latest messages of others,
   * never older ones, and none that says something else by now: it was hidden, deleted or edited. */
  announcements = [];
  /** @type {Set<string>} keys of long rows shown in full */
  unfolded = new Set();

  /**
   * @param {TimelineState} state as it is after the diff
   * @param {TimelineDiff} diff
   * @param {boolean} sticksToEnd whether the view is at the end
   */
  apply(state, diff, sticksToEnd) {
    this.items = timelineItems(state);
    const isReplaced = diff.reset && !diff.stay;
    if (isReplaced) this.unfolded.clear();
    if (isReplaced) this.#endSeq = Math.max(lastSeq(state), state.chat?.last_seq ?? 0);
    else if (sticksToEnd) this.reachedEnd(state);
    this.newBelow = state.rows.filter(({ seq, mine }) => !mine && (seq ?? 0) > this.#endSeq).length;
    if (state.status === 'left') this.announcements = [];
    this.announcements = this.announcements.filter(({ key, text }) => this.#spoken(key) === text);
    for (const key of diff.fresh ?? []) this.#announce(key);
    const keys = this.keys();
    if (!this.tabStop || !keys.includes(this.tabStop)) this.tabStop = keys.at(-1) ?? null;
    else if (sticksToEnd && diff.append) this.tabStop = keys.at(-1) ?? null;
  }

  /** The view is at the end: nothing new is below. @param {TimelineState} state */
  reachedEnd(state) {
    this.#endSeq = lastSeq(state);
    this.newBelow = 0;
  }

  /** @param {string} key */
  #announce(key) {
    const text = this.#spoken(key);
    if (text !== null) this.announcements = [...this.announcements.slice(1 - MAX_ANNOUNCEMENTS), { key, text }];
  }

  /** What is said of a message; null if it is not in the list. @param {string} key */
  #spoken(key) {
    const item = this.row(key);
    if (!item) return null;
    const files = filesOf(item.row);
    const words = [cut(item.row.text, 300), ...(files.length ? [fileLabel(files)] : [])];
    return `${item.name}: ${words.filter(Boolean).join(' ')}`;
  }

  /** Keys of the items that the arrow keys step through. */
  keys() {
    return this.items.filter(({ kind }) => kind === 'row' || kind === 'event').map(({ key }) => key);
  }

  /**
   * Move the tab stop.
   *
   * @param {number} by rows; may be infinite
   * @returns {string | null} the key with the tab stop
   */
  step(by) {
    const keys = this.keys();
    const at = keys.indexOf(this.tabStop ?? '') + by;
    this.tabStop = keys[Math.min(Math.max(at, 0), keys.length - 1)] ?? null;
    return this.tabStop;
  }

  /** @param {string} key @returns {RowItem | undefined} */
  row(key) {
    const found = this.items.find((item) => item.key === key);
    return found?.kind === 'row' ? found : undefined;
  }
}

/** @param {TimelineState} state */
const lastSeq = ({ rows }) => rows.at(-1)?.seq ?? 0;

/** @param {TimelineState} state @returns {Item[]} */
export function timelineItems(state) {
  const { rows, pending, people, positions, unreadFrom } = state;
  /** @type {Item[]} */
  const items = [];
  let day = '';
  for (const row of [...rows, ...pending]) {
    const today = localDay(row.at);
    // A message queued before midnight may follow one from after it: days never go backwards.
    if (today > day) {
      items.push({ kind: 'day', key: `day-${today}`, at: row.at });
      day = today;
    }
    if (row.seq !== null && row.seq === unreadFrom) {
      items.push({ kind: 'new', key: 'new', count: unreadCount(state, unreadFrom) });
    }
    const name = nameOf(people, row.sender);
    if (row.kind === 'text') {
      items.push(inRun(items.at(-1), { row, name, positions }));
    } else {
      // A person who joins by a link is both the actor and the subject.
      const alone = row.about === null || row.about === row.sender;
      const about = alone ? null : nameOf(people, row.about ?? '');
      items.push({ kind: 'event', key: row.key, row, name, about });
    }
  }
  markDeliveryStatus(items);
  return items;
}

/** Each status is told once, on the last row that has it; unsent rows tell theirs always.
 * @param {Item[]} items */
function markDeliveryStatus(items) {
  const told = new Set();
  for (const item of items.toReversed()) {
    if (item.kind !== 'row' || !item.row.mine || item.row.deleted) continue;
    const status = item.seen ? 'seen' : item.state;
    item.tells = item.row.state !== 'sent' || !told.has(status);
    told.add(status);
  }
}

/** Messages of others from `from` on, as far as the loaded rows tell. @param {TimelineState} state
 * @param {number} from */
function unreadCount({ rows, atEnd, chat }, from) {
  if (!atEnd && chat) return chat.last_seq - from + 1;
  return rows.filter(({ seq, mine }) => seq !== null && seq >= from && !mine).length;
}

/**
 * @param {Item | undefined} before
 * @param {{ row: Row, name: string, positions: PositionsView }} item
 * @returns {RowItem}
 */
function inRun(before, { row, name, positions }) {
  const continuesRun =
    before?.kind === 'row' &&
    before.row.sender === row.sender &&
    Date.parse(row.at) - Date.parse(before.row.at) < RUN_PAUSE_MS;
  if (continuesRun) before.ends = false;
  const state = stateOf(row, positions);
  const seen = row.mine ? seenBy(row, positions).seen : 0;
  return { kind: 'row', key: row.key, row, name, starts: !continuesRun, ends: true, tells: false, seen, state };
}
