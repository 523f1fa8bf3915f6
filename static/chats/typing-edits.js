/**
 * What keys change in a text that is being written, without DOM: new lines in lists, quotes and
 * code, marks around a selection, links of selected words, and `:codes:` of emoji.
 *
 * @module
 */

import { targetOf } from './markup/addresses.js';
import { marksAt } from './markup/emphasis.js';
import { endsInFence, parseLine } from './markup/parse.js';

/**
 * Replace the text from `from` to `to`; then `start` to `end` is selected.
 *
 * @typedef {{ from: number, to: number, insert: string, start: number, end: number }} Edit
 */

/** The marks of quotes and lists before the words of a line. */
const CONTAINERS = /^ *(?:(?:>(?= |>|$) ?|(?:[-*]|[1-9]\d{0,2}\.(?! +\d+\.)) +) *)*/;
/** Runs of marks, and code, which contains none. */
const RUNS = /`[^`]*`|\*+|~+/g;
/** A line whose beginning goes on in the next line: quotes, and the mark of an item. */
const CONTINUED = /^( *)((?:>(?= |>|$) ?)*)( *)(?:([-*]) +|([1-9]\d{0,2})\.(?! +\d+\.) +)?(.*)$/s;
const FINISHED_CODE = /(?<![\p{L}\p{N}_@./:]):([a-z0-9_+-]{1,32}):$/iu;

/** Whether a text ends inside code. @param {string} before the text up to the caret */
export function isInCode(before) {
  if (endsInFence(before)) return true;
  const line = before.slice(before.lastIndexOf('\n') + 1);
  let open = '';
  for (const { 0: run, index } of line.matchAll(/\\`|`+/g)) {
    // As an apostrophe it opens nothing.
    if (!open && run[0] === '`' && !/[\p{L}\p{N}]$/u.test(line.slice(Math.max(0, index - 2), index))) open = run;
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
  if (endsInFence(text.slice(0, start))) {
    const insert = `\n${/^[ \t]*(?:> ?)*[ \t]*/.exec(line)?.[0] ?? ''}`;
    return insert === '\n' ? null : edited(start, end, insert);
  }
  const [, indent, quotes, space, bullet, number, words] = /** @type {RegExpExecArray} */ (CONTINUED.exec(line));
  const isItem = Boolean(bullet || number);
  if (!quotes && !isItem) return null;
  const quote = indent + (quotes && `${quotes.trimEnd()} `);
  const isEmpty = !words.trim() && !text.slice(end).split('\n', 1)[0].trim();
  if (isEmpty) return edited(lineStart, end, quotes && isItem ? quote : '');
  const mark = bullet ?? `${Number(number) + 1}.`;
  return edited(start, end, `\n${quote}${isItem ? `${space}${mark} ` : ''}`);
}

/** @param {number} from @param {number} to @param {string} insert @returns {Edit} */
function edited(from, to, insert) {
  const caret = from + insert.length;
  return { from, to, insert, start: caret, end: caret };
}

/**
 * Put marks around the selection, or take them away. Of several lines each gets its own, after the
 * marks of its list or quote.
 *
 * @param {string} text @param {number} start @param {number} end of the selection
 * @param {'**' | '*' | '~~'} mark
 * @returns {Edit}
 */
export function marked(text, start, end, mark) {
  const inside = text.slice(start, end);
  const { length } = mark;
  if (isBetween(text, start, end, mark) && !inside.includes('\n') && withoutMarks(inside, mark) === inside) {
    return { from: start - length, to: end + length, insert: inside, start: start - length, end: end - length };
  }
  if (!inside.trim()) return { from: end, to: end, insert: mark + mark, start: end + length, end: end + length };
  const isLineStart = start === 0 || text[start - 1] === '\n';
  const lines = inside.split('\n').map((line, at) => wordsOf(line, at > 0 || isLineStart));
  const isMarked = lines.every(({ words }) => !words || isWhollyMarked(words, mark));
  const insert = lines
    .map(({ before, words, after }) => {
      const plain = withoutMarks(words, mark);
      return before + (plain && !isMarked ? mark + plain + mark : plain) + after;
    })
    .join('\n');
  return { from: start, to: end, insert, start, end: start + insert.length };
}

/** The words of a line, and what stands around them. @param {string} line @param {boolean} isWhole */
function wordsOf(line, isWhole) {
  const container = (isWhole && CONTAINERS.exec(line)?.[0]) || '';
  const from = line.length - line.slice(container.length).trimStart().length;
  const words = line.slice(from).trimEnd();
  return { before: line.slice(0, from), words, after: line.slice(from + words.length) };
}

/** Whether a run of equal marks contains a mark: `***` is both bold and italic. @param {number} count
 * @param {string} mark */
const contains = (count, mark) => (mark === '*' ? count === 1 || count === 3 : count >= 2);

/** Whether these marks are on both sides of a selection. @param {string} text @param {number} start
 * @param {number} end @param {string} mark */
function isBetween(text, start, end, mark) {
  let [from, to] = [start, end];
  while (from > 0 && text[from - 1] === mark[0]) from--;
  while (text[to] === mark[0]) to++;
  return contains(Math.min(start - from, to - end), mark);
}

/** Whether words begin and end with a mark. @param {string} words @param {string} mark */
function isWhollyMarked(words, mark) {
  let [from, to] = [0, words.length];
  while (from < to && '*~'.includes(words[from])) from++;
  while (to > from && '*~'.includes(words[to - 1])) to--;
  const sides = [words.slice(0, from), words.slice(to)];
  return from < to && sides.every((side) => (side.match(RUNS) ?? []).some((run) => run[0] === mark[0] && contains(run.length, mark)));
}

/** Words of one line without the pairs of a mark; other characters stay. @param {string} words
 * @param {string} mark */
function withoutMarks(words, mark) {
  /** @type {number[]} where marks are left out */
  const removed = [];
  let open = -1;
  for (const { 0: run, index } of words.matchAll(RUNS)) {
    if (run[0] !== mark[0] || !contains(run.length, mark)) continue;
    const marks = marksAt(words, index, index + run.length);
    if (open >= 0 && marks?.canClose) {
      removed.push(open, index);
      open = -1;
    } else if (marks?.canOpen) open = index;
  }
  const kept = removed.map((at, n) => words.slice(n ? removed[n - 1] + mark.length : 0, at));
  return kept.join('') + words.slice(removed.length ? removed[removed.length - 1] + mark.length : 0);
}

/**
 * Selected words as a link to the address that is pasted over them.
 *
 * @param {string} text @param {number} start @param {number} end of the selection
 * @param {string} pasted
 * @returns {Edit | null} null: what is pasted replaces them
 */
export function linked(text, start, end, pasted) {
  const { before, words, after } = wordsOf(text.slice(start, end), false);
  const insert = `[${words}](${pasted.trim()})`;
  const isLinkAlready = text[start - 1] === '[' && text.startsWith('](', end);
  if (isLinkAlready || /\n/.test(insert) || targetOf(words) || isInCode(text.slice(0, start))) return null;
  const nodes = parseLine(insert);
  const isLink = nodes.length === 1 && typeof nodes[0] !== 'string' && nodes[0].kind === 'link' && nodes[0].named;
  return isLink ? edited(start, end, before + insert + after) : null;
}

/** The code of an emoji whose closing colon was just typed. @param {string} before
 * @returns {{ from: number, code: string } | null} */
export function finishedCode(before) {
  const found = FINISHED_CODE.exec(before.slice(-40));
  if (!found || isInCode(before)) return null;
  return { from: before.length - found[0].length + found[0].indexOf(':'), code: found[1].toLowerCase() };
}

/**
 * Where a caret stands after another device has changed the text around it.
 *
 * @param {string} before
 * @param {number} at
 * @param {string} text as it is now
 * @returns {number} between the same words; at the end, if it was there
 */
export function caretIn(before, at, text) {
  const rest = before.slice(at);
  if (rest && text.startsWith(before.slice(0, at))) return at;
  return rest && text.endsWith(rest) ? text.length - rest.length : text.length;
}
