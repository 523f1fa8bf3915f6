/**
 * Bold, italic and struck-out text: pairs of `**`, `*`, `_` and `~~` in one line.
 *
 * As in CommonMark, but for chats: a mark inside a word stays a character (`2*3*4`, `snake_case`,
 * `__init__`), also between signs (`-_-`), while letters of scripts without spaces stand beside
 * stars as spaces do: `_` and `~~` mark nothing beside them. `__` marks nothing. What is marked contains a letter, a number or an emoji, so
 * `*_*` stays a face.
 *
 * @module
 */

/** @import { Inline } from './parse.js' */

import { characterAt, characterBefore, kindOf } from './characters.js';

/** @typedef {{ text: string, canOpen: boolean, canClose: boolean }} Marks a run of equal marks */
/** @typedef {{ at: number, mark: string, count: number, content: number }} Opener
 *   `at`: its place in `Emphasis.nodes`; `content`: how much content stands before it */

const OPENING_SIGNS = '([{"\'“‘„‚«‹¿¡`@#$€£\\<「『（《〈【';
const [OPENING_BRACKETS, CLOSING_BRACKETS] = ['([{<（「『', ')]}>）」』'];
const CLOSING_SIGNS = ')]}"\'”’“‘»›`.,:;!?%…>」』）》〉】。、，！？：；';
const CONTENT = /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
const MAX_NESTING = 4;
/** A longer row of marks is a picture. */
const MAX_MARKS = 8;
/** How many marks a run may have. @type {Record<string, number[]>} */
const COUNTS = { '*': [1, 2, 3], _: [1], '~': [2] };
/** The counts of openers that a closing run may end, by its own count. */
const MATCHES = [[], [1, 3], [2, 3], [1, 2, 3]];

/**
 * A run of marks in its text.
 *
 * @param {string} text @param {number} from @param {number} to
 * @param {number} [start] where what stands before the run ends: a backslash may be between
 * @returns {Marks | null} null when it can only be characters
 */
export function marksAt(text, from, to, start = from) {
  const run = text.slice(from, to);
  if (!COUNTS[run[0]].includes(run.length)) return null;
  // The marks beside it decide nothing: `*_*` stands between spaces, `**_a_**` does not.
  while (start > 0 && '*_~'.includes(text[start - 1]) && to - start < MAX_MARKS) start--;
  while (to < text.length && '*_~'.includes(text[to]) && to - start < 2 * MAX_MARKS) to++;
  const [before, after] = [characterBefore(text, start), characterAt(text, to)];
  return { text: run, canOpen: canOpen(run, before, after), canClose: canClose(run, before, after) };
}

/** @param {string} run @param {string} before @param {string} after */
function canOpen(run, before, after) {
  const [left, right] = [kindOf(before), kindOf(after)];
  if (right === 'space' || right === 'mark' || left === 'word' || CLOSING_BRACKETS.includes(after)) return false;
  if (left === 'unspaced') return run[0] === '*';
  return left !== 'sign' || right !== 'sign' || OPENING_SIGNS.includes(after);
}

/** @param {string} run @param {string} before @param {string} after */
function canClose(run, before, after) {
  const [left, right] = [kindOf(before), kindOf(after)];
  if (left === 'space' || left === 'mark' || OPENING_BRACKETS.includes(before)) return false;
  if (right === 'unspaced') return run[0] === '*';
  if (right === 'word') return run.length > 1;
  return right !== 'sign' || left !== 'sign' || CLOSING_SIGNS.includes(before);
}

/** Collects the parts of a line, and pairs its marks. Each step is counted in `steps`. */
export class Emphasis {
  steps = 0;
  /** @type {{ node: Inline, depth: number }[]} */
  #nodes = [];
  /** Openers by mark and count: the last one of each is found at once. @type {Record<string, Opener[]>} */
  #openers = {};
  /** How many of the parts so far are content. */
  #content = 0;

  /** @param {string} text */
  addText(text) {
    if (!text) return;
    if (CONTENT.test(text)) this.#content += 1;
    this.#push(text);
  }

  /** A part that contains no marks of this line. @param {Inline} node */
  add(node) {
    this.#content += 1;
    this.#push(node);
  }

  /** @param {Marks} marks */
  addMarks({ text, canOpen: opens, canClose: closes }) {
    let left = text.length;
    while (closes && left) {
      const used = this.#close(text[0], left);
      if (!used) break;
      left -= used;
    }
    if (!left) return;
    this.#push(text.slice(0, left));
    if (opens && COUNTS[text[0]].includes(left)) this.#open(text[0], left);
  }

  /** @returns {Inline[]} */
  end() {
    return joined(this.#nodes.map(({ node }) => node));
  }

  /** @param {Inline} node */
  #push(node, depth = 0) {
    this.steps += 1;
    this.#nodes.push({ node, depth });
  }

  /** @param {string} mark @param {number} count @param {number} [at] @param {number} [content] */
  #open(mark, count, at = this.#nodes.length - 1, content = this.#content) {
    (this.#openers[mark + count] ??= []).push({ at, mark, count, content });
  }

  /** Close the nearest opener, if there is one. @param {string} mark @param {number} count
   * @returns {number} how many of the marks were used */
  #close(mark, count) {
    const openers = MATCHES[count].flatMap((n) => this.#openers[mark + n]?.at(-1) ?? []);
    if (!openers.length) return 0;
    const opener = openers.reduce((last, one) => (one.at > last.at ? one : last));
    if (opener.content === this.#content) return 0;
    const inner = this.#nodes.slice(opener.at + 1);
    this.steps += inner.length;
    const depth = 1 + inner.reduce((deepest, one) => Math.max(deepest, one.depth), 0);
    // Too deep for this opener is too deep for all before it: none of them reads these parts again.
    this.#forgetOpeners(depth > MAX_NESTING ? 0 : opener.at);
    if (depth > MAX_NESTING) return 0;
    const used = opener.count === 3 ? (count === 2 ? 2 : 1) : opener.count;
    const left = opener.count - used;
    this.#nodes.length = opener.at;
    if (left) {
      this.#push(mark.repeat(left));
      this.#open(mark, left, opener.at, opener.content);
    }
    const kind = mark === '~' ? 'strike' : used === 2 ? 'bold' : 'italic';
    this.#push({ kind, nodes: joined(inner.map(({ node }) => node)) }, depth);
    return used;
  }

  /** Those from a place on have no partner. @param {number} at */
  #forgetOpeners(at) {
    for (const openers of Object.values(this.#openers)) {
      while (openers.length && /** @type {Opener} */ (openers.at(-1)).at >= at) {
        this.steps += 1;
        openers.pop();
      }
    }
  }
}

/** Nodes whose neighbouring strings are one. @param {Inline[]} nodes */
export function joined(nodes) {
  /** @type {Inline[]} */
  const all = [];
  /** @type {string[]} */
  let texts = [];
  for (const node of nodes) {
    if (typeof node === 'string') {
      texts.push(node);
      continue;
    }
    if (texts.length) all.push(texts.join(''));
    texts = [];
    all.push(node);
  }
  if (texts.length) all.push(texts.join(''));
  return all;
}
