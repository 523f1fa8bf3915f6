/**
 * Parts of a timeline that are held: sorted, disjoint pairs [first, last] of seqs that never touch.
 * All functions are pure.
 *
 * @module
 */

/** @typedef {[number, number]} Span */

/** @type {Span} */
export const WHOLE = [0, Number.MAX_SAFE_INTEGER];

/**
 * @param {Span[]} spans
 * @param {Span} added
 * @returns {Span[]}
 */
export function addSpan(spans, [first, last]) {
  if (last < first) return spans;
  /** @type {Span[]} */
  const result = [];
  for (const span of spans) {
    if (span[1] < first - 1 || span[0] > last + 1) result.push(span);
    else [first, last] = [Math.min(first, span[0]), Math.max(last, span[1])];
  }
  result.push([first, last]);
  return result.sort((a, b) => a[0] - b[0]);
}

/**
 * @param {Span[]} spans
 * @param {Span} dropped
 * @returns {Span[]}
 */
export function dropSpan(spans, [first, last]) {
  /** @param {Span} span */
  const rest = ([from, to]) => /** @type {Span[]} */ ([[from, Math.min(to, first - 1)], [Math.max(from, last + 1), to]]);
  return spans.flatMap(rest).filter(([from, to]) => from <= to);
}

/** Whether they share an entry. @param {Span} one @param {Span} other */
export const meet = (one, other) => one[0] <= other[1] && other[0] <= one[1];

/**
 * @param {Span[]} spans
 * @param {number} seq
 * @returns {Span | null} the span with this seq
 */
export function spanAt(spans, seq) {
  return spans.find(([first, last]) => first <= seq && seq <= last) ?? null;
}

/**
 * The held part around a seq, at most `reach` to either side.
 *
 * @param {Span[]} spans
 * @param {number} seq
 * @param {number} reach
 * @returns {Span | null}
 */
export function heldAround(spans, seq, reach) {
  const span = spanAt(spans, seq);
  return span && [Math.max(span[0], seq - reach), Math.min(span[1], seq + reach)];
}
