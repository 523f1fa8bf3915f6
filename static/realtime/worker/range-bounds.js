/** @import { TimelineDiff } from '../timeline-types.js' */
/** @import { Message } from '../wire.js' */

/** A range with more rows is trimmed. */
const MAX_ROWS = 240;
const TRIMMED_ROWS = 200;

/** Which entries of a chat a tab has as rows: those from `first` to `last`. */
export class RangeBounds {
  /** The first entry that the chat has. */
  start = 1;
  first = 1;
  last = 0;
  /** Whether the range reaches to the end, so that new entries belong into it. */
  atEnd = false;
  /** Whether the reader stays at the end. */
  followsEnd = true;

  get #size() {
    return this.last - this.first + 1;
  }

  get isFull() {
    return this.#size >= MAX_ROWS;
  }

  get atStart() {
    return this.first <= this.start;
  }

  /** @param {number} seq */
  includes(seq) {
    return this.first <= seq && seq <= this.last;
  }

  /** @param {Message[]} messages all entries of the range */
  open(messages) {
    this.first = messages[0]?.seq ?? this.start;
    this.last = messages.at(-1)?.seq ?? this.start - 1;
  }

  empty() {
    this.open([]);
    this.atEnd = false;
  }

  /** Leave rows at the start, if there are too many. @param {TimelineDiff} diff */
  trimStart(diff) {
    if (this.#size <= MAX_ROWS) return;
    diff.trimStart = this.#size - TRIMMED_ROWS;
    diff.atStart = false;
    this.first += diff.trimStart;
  }

  /** Leave rows at the end, if there are too many. @param {TimelineDiff} diff */
  trimEnd(diff) {
    if (this.#size <= MAX_ROWS) return;
    diff.trimEnd = this.#size - TRIMMED_ROWS;
    this.last -= diff.trimEnd;
    this.leaveEnd(diff);
  }

  /** New entries are not appended from now on. @param {TimelineDiff} diff */
  leaveEnd(diff) {
    this.atEnd = false;
    diff.atEnd = false;
  }
}
