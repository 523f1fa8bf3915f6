/**
 * What keys change in a text that is being written, without DOM: new lines in lists, quotes and
 * code, marks around a selection, and `:codes:` of emoji.
 *
 * @module
 */

/**
 * Replace the text from `from` to `to`; then `start` to `end` is selected.
 *
 * @typedef {{ from: number, to: number, insert: string, start: number, end: number }} Edit
 */

/** The marks of quotes and lists before the words of a line. */
const CONTAINERS = /^ *(?:(?:>(?= |>|$) ?|(?:[-*]|\d{1,9}\.) +) *)*/;
const FENCE = /^(`{3,}|~{3,})(.*)$/s;
/** A line whose beginning goes on in the next line. */
const CONTINUED = /^( *)(?:((?:>(?= |>|$) ?)+)|([-*]) +|(\d{1,9})\. +)(.*)$/s;
const FINISHED_CODE = /(?<![\p{L}\p{N}_@./:]):([a-z0-9_+-]{1,32}):$/iu;

/** Whether a text ends inside a fence. @param {string} before the text up to the caret */
export function isInFence(before) {
  let open = '';
  for (const line of before.split('\n')) {
    const [, marks = '', info = ''] = FENCE.exec(line.replace(CONTAINERS, '')) ?? [];
    if (!marks) continue;
    if (!open) open = marks[0] === '`' ? (info.includes('`') ? '' : marks) : /^\s*[\w+#.-]*\s*$/.test(info) ? marks : '';
    else if (marks.startsWith(open) && !info.trim()) open = '';
  }
  return open !== '';
}

/** Whether a text ends inside code. @param {string} before the text up to the caret */
export function isInCode(before) {
  if (isInFence(before)) return true;
  const line = before.slice(before.lastIndexOf('\n') + 1);
  let open = '';
  for (const [run] of line.matchAll(/\\`|`+/g)) {
    if (!open && run[0] === '`') open = run;
    else if (run === open) open = '';
  }
  return open !== '';
}

/**
 * A new line in a list, a quote or code: it begins as the line above it. On an empty item or quote
 * it ends the list or quote.
 *
 * @param {string} text @param {number} start @param {number} end of the selection
 * @returns {Edit | null} null: only a new line
 */
export function lineBreak(text, start, end) {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const line = text.slice(lineStart, start);
  if (isInFence(text.slice(0, start))) {
    const insert = `\n${/^[ \t]*(?:> ?)*[ \t]*/.exec(line)?.[0] ?? ''}`;
    return insert === '\n' ? null : edited(start, end, insert);
  }
  const found = CONTINUED.exec(line);
  if (!found) return null;
  const [, indent, quote, bullet, number, words] = found;
  if (!words.trim()) return edited(lineStart, end, '');
  const mark = quote ?? (bullet ? `${bullet} ` : `${Number(number) + 1}. `);
  return edited(start, end, `\n${indent}${mark.trimEnd()} `);
}

/** @param {number} from @param {number} to @param {string} insert @returns {Edit} */
function edited(from, to, insert) {
  const caret = from + insert.length;
  return { from, to, insert, start: caret, end: caret };
}

/**
 * Put marks around the selection, or take them away. Of several lines each gets its own.
 *
 * @param {string} text @param {number} start @param {number} end of the selection
 * @param {'**' | '*' | '~~'} mark
 * @returns {Edit}
 */
export function marked(text, start, end, mark) {
  const inside = text.slice(start, end);
  const { length } = mark;
  if (isMarked(text.slice(0, start), text.slice(end), mark)) {
    return { from: start - length, to: end + length, insert: inside, start: start - length, end: end - length };
  }
  const words = inside.trim();
  const [, open, bare, close] = /^([*~]*)(.*?)([*~]*)$/s.exec(words) ?? ['', '', '', ''];
  if (bare && isMarked(open, close, mark)) {
    const insert = inside.replace(words, () => words.slice(length, -length));
    return { from: start, to: end, insert, start, end: start + insert.length };
  }
  const insert = inside
    .split('\n')
    .map((line) => (line.trim() || !inside ? line.replace(/^(\s*)(.*?)(\s*)$/s, (_, a, b, c) => a + mark + b + mark + c) : line))
    .join('\n');
  return inside.trim()
    ? { from: start, to: end, insert, start, end: start + insert.length }
    : { from: end, to: end, insert: mark + mark, start: end + length, end: end + length };
}

/** Whether a text stands between these marks: `***` is both bold and italic. @param {string} before
 * @param {string} after @param {string} mark */
function isMarked(before, after, mark) {
  const sign = mark === '~~' ? '~' : '\\*';
  const open = new RegExp(`${sign}*$`).exec(before)?.[0].length ?? 0;
  const close = new RegExp(`^${sign}*`).exec(after)?.[0].length ?? 0;
  const both = Math.min(open, close);
  return mark === '*' ? both === 1 || both === 3 : both >= 2;
}

/** The code of an emoji whose closing colon was just typed. @param {string} before
 * @returns {{ from: number, code: string } | null} */
export function finishedCode(before) {
  const found = FINISHED_CODE.exec(before.slice(-40));
  if (!found || isInCode(before)) return null;
  return { from: before.length - found[0].length + found[0].indexOf(':'), code: found[1].toLowerCase() };
}
