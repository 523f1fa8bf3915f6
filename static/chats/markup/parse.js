/**
 * Parser of light markup: fenced code, quotes, lists, and lines of text (`line.js`). What is no
 * markup is text as it was typed. Linear in the length of the text, and without DOM (decision 0075).
 *
 * @module
 */

import { cut } from '../../realtime/both/platform.js';
import { joined } from './emphasis.js';
import { parseLineOf, parseNamesOf, work } from './line.js';

/**
 * @typedef {{ name: string, me: boolean, id?: string }} Mentioned `id` is not set for everybody
 * @typedef {Map<string, Mentioned>} Mentions people by the lower-case name that follows an `@`
 * @typedef {{ kind: 'link', address: string, nodes: Inline[], named: boolean }} Link
 *   `named`: its words are not the address
 * @typedef {{ kind: 'code', text: string } | Link
 *   | { kind: 'mention', text: string, me: boolean, id?: string }
 *   | { kind: 'bold' | 'italic' | 'strike', nodes: Inline[] }} Span
 * @typedef {string | Span} Inline
 * @typedef {{ kind: 'text', nodes: Inline[] }
 *   | { kind: 'pre', text: string, language: string }
 *   | { kind: 'quote', blocks: Block[] }
 *   | { kind: 'list', items: ListItem[] }} Block
 * @typedef {{ number: number | null, blocks: Block[] }} ListItem `number` is null after a bullet
 */

const FENCE = /^( {0,3})(`{3,}|~{3,})(.*)$/s;
const LANGUAGE = /^[\w+#.-]{0,20}$/;
const QUOTED = /^ {0,3}>(?= |>|$) ?/;
/** A date (`24. 12. 2026`), a year or `007. Bond` is no item. */
const ITEM = /^( {0,3})(?:[-*]|([1-9]\d{0,2})\.(?! +\d+\.))( +)(?=\S)/;
const CLOSING = /^ {0,3}(`{3,}|~{3,})[ \t]*$/;
/** `- - -` or `1. *`: no words after the mark. */
const ONLY_MARKS = /^[-*\s]*$/;
const ESCAPED_START = /^( {0,3})\\(?=[-*>](?: |>|$))|^( {0,3}\d{1,9})\\(?=\. )/;
const MAX_NESTING = 4;
const LONG_WORD_LENGTH = 1000;
const LINE_LENGTH = 300;
/** @type {Mentions} */
const NO_MENTIONS = new Map();

/** Parse a whole message. @param {string} text @param {Mentions} [mentions] @returns {Block[]} */
export function parse(text, mentions = NO_MENTIONS) {
  return new Blocks(text.split('\n'), mentions, 0).parsed();
}

class Blocks {
  /** @type {Block[]} */
  #blocks = [];
  /** @type {string[]} lines of text that are not yet in a block */
  #text = [];
  /** @type {Record<string, number[]> | null} */
  #closings = null;
  /** Whether the lines end inside a fence. */
  isInFence = false;

  /** @param {string[]} lines @param {Mentions} mentions @param {number} depth */
  constructor(lines, mentions, depth) {
    this.lines = lines;
    this.mentions = mentions;
    this.depth = depth;
  }

  parsed() {
    for (let at = 0; at < this.lines.length; ) {
      work.steps += 1;
      const end = this.#takeFence(at) || this.#takeQuote(at) || this.#takeList(at) || this.#takeText(at);
      at = Math.max(end, at + 1); // go on, whatever was found
    }
    this.#endText();
    return this.#blocks;
  }

  /** What was typed stays. @param {number} at @param {number} [end] @returns {number} the next line */
  #takeText(at, end = at + 1) {
    for (const line of this.lines.slice(at, end)) this.#text.push(line);
    return end;
  }

  #endText() {
    // Blocks keep their distance without blank lines.
    const from = this.#blocks.length ? this.#text.findIndex((line) => line.trim()) : 0;
    const lines = from < 0 ? [] : this.#text.slice(from);
    this.#text = [];
    if (!lines.length) return;
    const nodes = lines.flatMap((line, at) => {
      const parsed = parseLineOf(line.replace(ESCAPED_START, '$1$2'), this.mentions);
      return at ? ['\n', ...parsed] : parsed;
    });
    this.#blocks.push({ kind: 'text', nodes: joined(nodes) });
  }

  /** @param {Block} block */
  #add(block) {
    while (this.#text.length && !/** @type {string} */ (this.#text.at(-1)).trim()) this.#text.pop();
    this.#endText();
    this.#blocks.push(block);
  }

  /**
   * As in CommonMark: closed by a line of as many marks or more. Without one, marks after a word
   * close it, or the end; then what follows the opening marks is no language.
   *
   * @param {number} at
   * @returns {number} the line after it; 0 if there is none
   */
  #takeFence(at) {
    const { lines } = this;
    const fence = FENCE.exec(lines[at]);
    if (!fence) return 0;
    const [, indent, marks] = fence;
    const info = fence[3].trim();
    const isLanguage = LANGUAGE.test(info);
    // “```code```” is a line of text, and so is “~~~ see you ~~~”.
    if (marks[0] === '~' ? !isLanguage : info.includes('`')) return 0;
    this.#closings ??= longestClosings(lines);
    const isClosed = this.#closings[marks[0]][at + 1] >= marks.length;
    const closing = `${marks[0]}{${marks.length},}[ \t]*$`;
    const end = new RegExp(isClosed ? `^ {0,3}${closing}` : `[^\\s${marks[0]}](?=${closing})`);
    let next = at + 1;
    let last = null;
    while (next < lines.length && !(last = end.exec(lines[next]))) next++;
    work.steps += next - at;
    const inside = lines.slice(at + 1, next);
    if (last && !isClosed) inside.push(lines[next].slice(0, last.index + 1));
    const program = inside.map((line) => withoutIndent(line, indent.length));
    this.isInFence = !isClosed && next === lines.length && (marks[0] === '`' || next > at + 1);
    if (!program.length) return this.#takeText(at, next + 1); // nothing to show as code
    const hasLanguage = isLanguage && isClosed;
    if (info && !hasLanguage) program.unshift(info);
    this.#add({ kind: 'pre', text: program.join('\n'), language: hasLanguage ? info : '' });
    return next + 1;
  }

  /** @param {number} at */
  #takeQuote(at) {
    const { lines } = this;
    if (this.depth >= MAX_NESTING || !QUOTED.test(lines[at])) return 0;
    let next = at;
    while (next < lines.length && QUOTED.test(lines[next])) next++;
    const inside = lines.slice(at, next).map((line) => line.replace(QUOTED, ''));
    if (!inside.some((line) => line.trim())) return this.#takeText(at, next);
    this.#add({ kind: 'quote', blocks: this.#inside(inside, next) });
    return next;
  }

  /** The blocks in a quote or an item. @param {string[]} lines @param {number} end where it ends */
  #inside(lines, end) {
    const blocks = new Blocks(lines, this.mentions, this.depth + 1);
    const parsed = blocks.parsed();
    this.isInFence = blocks.isInFence && end === this.lines.length;
    return parsed;
  }

  /** @param {number} at */
  #takeList(at) {
    const first = this.depth < MAX_NESTING && itemAt(this.lines[at]);
    // A sentence that goes on with a number is no list.
    if (!first || (first.number !== null && first.number !== 1 && this.#text.at(-1)?.trim())) return 0;
    /** @type {ListItem[]} */
    const items = [];
    let next = at;
    for (let item = first, typed = null; ; ) {
      const [inside, end] = this.#item(next, item);
      const last = items.at(-1)?.number ?? null;
      // “1. 1. 1.” counts; other numbers stay as they were typed.
      const number = last !== null && item.number === typed ? last + 1 : item.number;
      items.push({ number, blocks: this.#inside(inside, end) });
      next = end;
      const following = next < this.lines.length && itemAt(this.lines[next]);
      if (!following || (following.number === null) !== (first.number === null)) break;
      typed = item.number;
      item = following;
    }
    this.#add({ kind: 'list', items });
    return next;
  }

  /**
   * The lines of an item: its own, and those below that are indented.
   *
   * @param {number} at @param {Item} item
   * @returns {[lines: string[], end: number]}
   */
  #item(at, { indent, width }) {
    const { lines } = this;
    const inside = [lines[at].slice(width)];
    for (let next = at + 1, end = next; ; next++) {
      work.steps += 1;
      const line = lines[next];
      if (line === undefined || (line.trim() && indentOf(line) < indent + 2)) return [inside, end];
      if (!line.trim()) continue;
      for (; end < next; end++) inside.push(''); // blank lines belong to it if it goes on
      inside.push(withoutIndent(line, width));
      end = next + 1;
    }
  }
}

/** The longest line of marks that could close a fence, from each line on. @param {string[]} lines */
function longestClosings(lines) {
  /** @type {Record<string, number[]>} */
  const longest = { '`': new Array(lines.length + 1).fill(0), '~': new Array(lines.length + 1).fill(0) };
  for (let at = lines.length - 1; at >= 0; at--) {
    const marks = CLOSING.exec(lines[at])?.[1] ?? '';
    for (const [mark, lengths] of Object.entries(longest)) {
      lengths[at] = Math.max(lengths[at + 1], marks[0] === mark ? marks.length : 0);
    }
  }
  work.steps += lines.length;
  return longest;
}

/**
 * Whether a text that is being written ends inside a fence.
 *
 * @param {string} before the text up to the caret
 */
export function endsInFence(before) {
  if (!/```|~~~/.test(before)) return false;
  // In an indented line, the next letter would be in its item.
  const isBlank = !before.slice(before.lastIndexOf('\n') + 1).trim();
  const blocks = new Blocks((isBlank ? `${before}x` : before).split('\n'), NO_MENTIONS, 0);
  blocks.parsed();
  return blocks.isInFence;
}

/** @typedef {{ number: number | null, indent: number, width: number }} Item `width`: of its mark */

/** @param {string} line @returns {Item | null} */
function itemAt(line) {
  const found = ITEM.exec(line);
  if (!found || ONLY_MARKS.test(line.slice(found[0].length))) return null;
  const number = found[2] ? Number(found[2]) : null;
  return { number, indent: found[1].length, width: found[0].length };
}

/** @param {string} line */
const indentOf = (line) => (line[0] === '\t' ? 4 : line.search(/[^ ]|$/));

/** @param {string} line @param {number} width at most so many spaces, or one tab */
const withoutIndent = (line, width) =>
  width && line[0] === '\t' ? line.slice(1) : line.slice(Math.min(width, indentOf(line)));

/** Parse the start of a message as one line, for lists and quotes. @param {string} text */
export function parseLine(text) {
  return joined(inOneLine(parse(cut(text, LINE_LENGTH))).flatMap((nodes, at) => (at ? [' ', ...nodes] : nodes)));
}

/** @param {Block[]} blocks @returns {Inline[][]} */
function inOneLine(blocks) {
  return blocks.flatMap((block) => {
    if (block.kind === 'text') return [block.nodes.map(withoutBreaks)];
    if (block.kind === 'pre') return [[withoutBreaks(block.text)]];
    if (block.kind === 'quote') return inOneLine(block.blocks);
    return block.items.flatMap((item) => {
      const [first = [], ...more] = inOneLine(item.blocks);
      return [[item.number === null ? '• ' : `${item.number}. `, ...first], ...more];
    });
  });
}

/** @param {Inline} node @returns {Inline} */
const withoutBreaks = (node) => (typeof node === 'string' ? node.replace(/\s+/g, ' ') : node);

/**
 * Split a text at its @names; all other markup stays as it was typed.
 *
 * @param {string} text
 * @param {Mentions} mentions
 * @returns {Inline[]}
 */
export function parseMentions(text, mentions) {
  const lines = text.split('\n').map((line) => parseNamesOf(line, mentions));
  return joined(lines.flatMap((nodes, at) => (at ? ['\n', ...nodes] : nodes)));
}

/**
 * Whether a text contains a word of a thousand characters or more. Browsers kern the letters of a
 * word again for each line that they break it into: one word of 100,000 letters would block the
 * page for seconds.
 *
 * @param {string} text
 */
export function hasLongWord(text) {
  if (text.length < LONG_WORD_LENGTH) return false;
  return text.split(/\s/).some((word) => word.length >= LONG_WORD_LENGTH);
}

const EMOJI =
  '(?:\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3|(?:(?!\\p{Regional_Indicator})\\p{Emoji_Presentation}|\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier}))\\p{Emoji_Modifier}?[\\u{E0020}-\\u{E007F}]*(?:\\u200D\\p{Extended_Pictographic}\\uFE0F?\\p{Emoji_Modifier}?)*)';
const FEW_EMOJI = new RegExp(`^\\s*${EMOJI}(?:\\s?${EMOJI}){0,2}\\s*$`, 'u');

/** Whether a text is up to three emoji, which are shown large. @param {string} text */
export const isFewEmoji = (text) => text.length < 120 && FEW_EMOJI.test(text);
