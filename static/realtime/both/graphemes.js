/** @type {Intl.Segmenter | null} */
const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : null;

/**
 * The longest beginning of a text that has at most `limit` code points and no cut grapheme, as the
 * server cuts it (`apps/core/graphemes.py`). A grapheme that is longer by itself is cut.
 *
 * @param {string} text
 * @param {number} limit
 */
export function cut(text, limit) {
  if (text.length <= limit) return text;
  const points = [...text.slice(0, 2 * limit + 2)];
  if (points.length <= limit) return text;
  const longest = points.slice(0, limit).join('');
  const next = points.slice(0, limit + 1).join('');
  let last = 0;
  for (const { index } of segmenter?.segment(next) ?? []) last = index;
  return next.slice(0, last || longest.length);
}

/** The longest end of a text, likewise. @param {string} text @param {number} limit */
export function cutStart(text, limit) {
  const points = [...text];
  const from = text.length - points.slice(-limit).join('').length;
  const starts = segmenter ? [...segmenter.segment(text)].map(({ index }) => index) : [];
  return text.slice(starts.find((index) => index >= from) ?? from);
}
