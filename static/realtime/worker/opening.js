/**
 * Where a timeline opens: pure functions.
 *
 * @module
 */

/** @import { Message } from '../wire.js' */

/** @import { Span } from './spans.js' */

/** @typedef {number | 'end' | { date: string }} Target */

/** With fewer rows on a side, while the chat has more there, the screen may not be full. */
export const MIN_ROWS_AROUND = 25;

/**
 * Whether a held part is enough to open with.
 *
 * @param {Span} span
 * @param {{ seq: number, last_seq: number, kept_from?: number }} place `seq`: where to open
 */
export const fills = ([first, last], { seq, last_seq, kept_from = 1 }) =>
  (first === kept_from || seq - first >= MIN_ROWS_AROUND) && (last >= last_seq || last - seq >= MIN_ROWS_AROUND);

/**
 * The row to bring into view.
 *
 * @param {Message[]} messages
 * @param {Target} target
 * @returns {number | null}
 */
export function anchorOf(messages, target) {
  if (target === 'end') return null;
  if (typeof target === 'number') return Math.min(target, messages.at(-1)?.seq ?? 0) || null;
  const day = new Intl.DateTimeFormat('sv-SE'); // writes YYYY-MM-DD
  return messages.find(({ at }) => day.format(new Date(at)) >= target.date)?.seq ?? null;
}

/**
 * How many rows there are before and after the anchor.
 *
 * @param {Message[]} messages
 * @param {Target} target
 * @returns {[number, number]}
 */
export function roomAround(messages, target) {
  const anchor = anchorOf(messages, target);
  const index = anchor === null ? -1 : messages.findIndex(({ seq }) => seq === anchor);
  return index < 0 ? [messages.length, 0] : [index, messages.length - index - 1];
}
