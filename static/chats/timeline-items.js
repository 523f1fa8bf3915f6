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
 * @property {string} name of the sender, or what a program gave in its place
 * @property {boolean} starts a run: shows the name and the time
 * @property {boolean} ends a run
 * @property {boolean} tells its delivery status at all times: the last own row that has come so far
 * @property {number} seen how many others have seen an own message
 * @property {ReturnType<typeof stateOf>} state
 * @typedef {object} EventItem
 * @property {'event'} kind
 * @property {string} key that of the first entry
 * @property {Row[]} rows several in a row that say the same of different people
 * @property {string[]} names of those who acted
 * @property {string[]} people names of those it happened to; empty: those who acted
 * @typedef {DayItem | NewItem | RowItem | EventItem} Item
 */

/** Entries about people, of which several in a row are one line. */
const FOLDED = ['joined', 'left', 'removed'];
/** A longer pause starts a new run, even of the same person. */
const RUN_PAUSE_MS = 5 * 60_000;
const MAX_ANNOUNCEMENTS = 10;

export class TimelineItems {
  /** @type {Item[]} */
  items = [];
  /** @type {string | null} key of the row with the tab stop */
  tabStop = null;
  /** @type {{ key: string, text: string }[]} for screen readers: the latest messages of others,
   * never older ones, and none that says something else by now: it was hidden, deleted or edited. */
  announcements = [];
  /** @type {Set<string>} keys of long rows shown in full */
  unfolded = new Set();
  #me;

  /** @param {string} [me] the reader */
  constructor(me = '') {
    this.#me = me;
  }

  /**
   * @param {TimelineState} state as it is after the diff
   * @param {TimelineDiff} diff
   * @param {boolean} sticksToEnd whether the view is at the end
   */
  apply(state, diff, sticksToEnd) {
    this.items = timelineItems(state, this.#me);
    const isReplaced = diff.reset && !diff.stay;
    if (isReplaced) this.unfolded.clear();
    if (state.status === 'left') this.announcements = [];
    this.announcements = this.announcements.filter(({ key, text }) => this.#spoken(key) === text);
    for (const key of diff.fresh ?? []) this.#announce(key);
    const keys = this.keys();
    if (!keys.includes(this.tabStop ?? '') || (sticksToEnd && diff.append)) this.tabStop = keys.at(-1) ?? null;
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
    return `${item.name}: ${[cut(item.row.text, 300), files.length && fileLabel(files)].filter(Boolean).join(' ')}`;
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

  /** The key of the item that shows a row. @param {string} key */
  shownAs(key) {
    const found = this.items.find((item) => item.kind === 'event' && item.rows.some((row) => row.key === key));
    return found?.key ?? key;
  }

  /** @param {string} key @returns {RowItem | undefined} */
  row(key) {
    const found = this.items.find((item) => item.key === key);
    return found?.kind === 'row' ? found : undefined;
  }
}

/** @param {TimelineState} state @param {string} [me] the reader @returns {Item[]} */
export function timelineItems(state, me = '') {
  const { rows, pending, people, positions, unreadFrom, atEnd } = state;
  /** @type {Item[]} */
  const items = [];
  let day = '';
  for (const row of [...rows, ...(atEnd ? pending : [])]) {
    const today = localDay(row.at);
    // A message queued before midnight may follow one from after it: days never go backwards.
    if (today > day) {
      items.push({ kind: 'day', key: `day-${today}`, at: row.at });
      day = today;
    }
    if (row.seq !== null && row.seq === unreadFrom) {
      items.push({ kind: 'new', key: 'new', count: unreadCount(state, unreadFrom) });
    }
    const name = row.layout?.name || nameOf(people, row.sender);
    if (row.kind === 'text') {
      items.push(inRun(items.at(-1), { row, name, positions }));
    } else {
      const event = eventItem(row, people);
      const before = items.at(-1);
      if (before?.kind === 'event' && saysTheSame(before, event, me)) {
        before.rows.push(row);
        if (event.people.length) before.people.push(...event.people);
        else before.names.push(...event.names);
      } else {
        items.push(event);
      }
    }
  }
  markDeliveryStatus(items);
  return items;
}

/** @param {Row} row @param {TimelineState['people']} people @returns {EventItem} */
function eventItem(row, people) {
  const names = [nameOf(people, row.sender)];
  return { kind: 'event', key: row.key, rows: [row], names, people: isAlone(row) ? [] : [nameOf(people, row.about ?? '')] };
}

/** A person who joins by a link is both the actor and the subject. @param {Row} row */
const isAlone = ({ sender, about }) => about === null || about === sender;

/** Whether two events can be one line. What concerns the reader has a line of its own.
 * @param {EventItem} before @param {EventItem} event @param {string} me */
function saysTheSame({ rows: [first] }, { rows: [row] }, me) {
  if (first.kind !== row.kind || !FOLDED.includes(row.kind)) return false;
  if ([first, row].some((one) => one.about === me || (one.mine && isAlone(one)))) return false;
  return isAlone(first) ? isAlone(row) : !isAlone(row) && first.sender === row.sender;
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

/** Unread messages of others from `from` on: those of the loaded rows, and after them as many as the
 * list counts. Of what was read there already, it is not known who wrote it. @param {TimelineState} state
 * @param {number} from */
function unreadCount({ rows, atEnd, chat }, from) {
  const loaded = rows.filter(({ seq, mine, counts }) => seq !== null && seq >= from && !mine && counts);
  if (atEnd || !chat) return loaded.length;
  const { read_seq, unread } = chat;
  const readAfter = Math.max(0, read_seq - (rows.at(-1)?.seq ?? read_seq));
  const unreadAfter = unread - loaded.filter(({ seq }) => seq !== null && seq > read_seq).length;
  return loaded.length + readAfter + Math.max(0, unreadAfter);
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
    before.name === name &&
    Date.parse(row.at) - Date.parse(before.row.at) < RUN_PAUSE_MS;
  if (continuesRun) before.ends = false;
  const state = stateOf(row, positions);
  const seen = row.mine ? seenBy(row, positions).seen : 0;
  return { kind: 'row', key: row.key, row, name, starts: !continuesRun, ends: true, tells: false, seen, state };
}
