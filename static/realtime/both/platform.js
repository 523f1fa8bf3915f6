/**
 * Browser features that plain-HTTP addresses lack, where a self-hosted chat is often tried first:
 * random UUIDs are made by hand, and without Web Locks crashed tabs go unnoticed (a tab that is
 * closed still says so). And one that older browsers lack: without a segmenter, texts are cut
 * between code points.
 *
 * @module
 */

/**
 * A random UUID.
 *
 * @returns {string}
 */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const never = () => new Promise(() => {});

/**
 * Hold a lock until this tab or worker is gone.
 *
 * @param {string} name
 * @param {() => void} held called once it is held
 */
export function holdForLife(name, held) {
  void navigator.locks?.request(name, () => {
    held();
    return never();
  });
}

/**
 * Call back once nobody holds the lock (any more).
 *
 * @param {string} name
 * @param {() => void} gone
 */
export function whenReleased(name, gone) {
  void navigator.locks?.request(name, gone);
}

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
