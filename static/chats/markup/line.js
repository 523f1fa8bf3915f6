/**
 * Markup within one line. From left to right: code, links and mentions, which bind tighter than
 * bold and italic, so that these do not change what an address or a name is. The server finds the
 * same links and names (`apps/chats/markup.py`).
 *
 * @module
 */

/** @import { Inline, Mentions } from './parse.js' */

import { MAX_ADDRESS_LENGTH, misleads, shownAddress, targetOf, withoutPunctuation } from './addresses.js';
import { characterAt, characterBefore, kindOf } from './characters.js';
import { Emphasis, marksAt } from './emphasis.js';

const MARKS = '`*_~[\\]@';
const ESCAPED = `\\\\${MARKS}`;
// No address contains quotes or full-width punctuation unencoded; where no spaces are written, they end it.
const ENDS = '\\s<>"`“”„«»。、，；：？！（）「」『』【】《》〈〉';
const ADDRESS = `(?:(?!\\]\\()[^${ENDS}])`;
const MAIL = '[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63}){1,8}';
/** As in `C:\_temp\*.log`, where backslashes and marks are characters. */
const FILE_PATH = `(?<![^\\s"'(])(?:[a-z]:\\\\|\\\\\\\\[a-z0-9])(?:[^${ENDS}]*[^${ENDS}*_~])?`;
/** Where something begins that may be more than its characters. Without the flag `u`, by which
 * U+017F would be an `s`. */
const START = new RegExp(
  [
    '¯\\\\_\\(ツ\\)_\\/¯',
    FILE_PATH,
    `\\\\(?:\\\\(?=[${ESCAPED}])|[${MARKS}])`,
    '`+',
    '\\*+',
    '~+',
    `https?://(?![/?#])${ADDRESS}+`,
    `www\\.${ADDRESS}+`,
    `(?<![a-z0-9.%+/@-])${MAIL}`,
    '_+',
    '[[@]',
  ].join('|'),
  'gi',
);
const WORDS_LINK = new RegExp(
  `\\[((?:\\\\[${ESCAPED}]|\\\\(?![${ESCAPED}])|[^\\[\\]\\\\]){1,500})\\]\\(((?:[hH][tT][tT][pP][sS]?://(?![/?#])|[wW]{3}\\.)(?:[^()${ENDS}]|\\([^()${ENDS}]*\\)){1,2048})\\)`,
  'uy',
);
const NAME = /@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)/iy;
/** A path as in `example.org/@name`. */
const PATH = /[\p{L}\p{N}]\.[\p{L}\p{N}][^\s@]*\/$/u;
const MAX_PATH_LENGTH = 64;

const IS_FILE_PATH = /^(?:[a-z]:\\|\\\\[a-z0-9])/i;

/** The steps of all lines parsed so far: tests count them. */
export const work = { steps: 0 };

/** @param {string} text one line @param {Mentions} mentions @returns {Inline[]} */
export function parseLineOf(text, mentions) {
  return new Line(text, mentions).parsed(true);
}

/** Split a line at its @names; all other markup stays as it was typed. @param {string} text
 * @param {Mentions} mentions @returns {Inline[]} */
export function parseNamesOf(text, mentions) {
  return new Line(text, mentions).parsed(false);
}

class Line {
  #emphasis = new Emphasis();
  /** Where the text begins that is not yet part of a node. */
  #plain = 0;
  /** @type {Map<number, number> | null} the start of a closing run of backticks, by its opening run */
  #codeEnds = null;
  /** The marks so far that an address may stand in: `*see https://a.test*`. @type {Set<string>} */
  #openMarks = new Set();

  /** @param {string} text @param {Mentions | null} mentions null: the words of a link */
  constructor(text, mentions) {
    this.text = text;
    this.mentions = mentions;
  }

  /** @param {boolean} all whether markup counts, besides names */
  parsed(all) {
    const { text } = this;
    const start = new RegExp(START);
    for (let found = start.exec(text); found; found = start.exec(text)) {
      work.steps += 1;
      const end = this.#take(found[0], found.index, all);
      start.lastIndex = Math.max(end, found.index + 1); // go on, whatever was found
    }
    this.#emphasis.addText(text.slice(this.#plain));
    work.steps += this.#emphasis.steps;
    return this.#emphasis.end();
  }

  /** @param {string} found @param {number} at @param {boolean} all @returns {number} where to go on */
  #take(found, at, all) {
    const end = at + found.length;
    const first = found[0];
    if (first === '@') return this.#takeName(at);
    if (first === '¯' || IS_FILE_PATH.test(found)) return end;
    if (first === '\\') return this.#takeEscaped(found, at, all);
    if (first === '`') return this.#takeCode(found, at, all);
    if (first === '[') return (all && this.#takeWordsLink(at)) || end;
    if ('*_~'.includes(first)) {
      if (mayOpen(this.text, at, end)) this.#openMarks.add(first);
      const marks = all && marksAt(this.text, at, end);
      if (!marks) return end;
      this.#flush(at, end);
      this.#emphasis.addMarks(marks);
      return end;
    }
    return this.#takeAddress(found, at, all);
  }

  /** Add the plain text before a part. @param {number} at @param {number} end of the part */
  #flush(at, end) {
    this.#emphasis.addText(this.text.slice(this.#plain, at));
    this.#plain = end;
  }

  /** @param {Inline} node @param {number} at @param {number} end @param {boolean} all */
  #put(node, at, end, all) {
    if (all) {
      this.#flush(at, end);
      this.#emphasis.add(node);
    }
    return end;
  }

  /** @param {string} found @param {number} at @param {boolean} all */
  #takeEscaped(found, at, all) {
    const end = at + found.length;
    if ('*_~'.includes(found[1])) {
      let last = end;
      while (this.text[last] === found[1]) last++;
      const marks = marksAt(this.text, at + 1, last, at);
      if (!marks?.canOpen && !marks?.canClose) {
        // There is nothing to escape: the backslash stays.
        if (last > end && mayOpen(this.text, end, last)) this.#openMarks.add(found[1]);
        return last;
      }
    }
    if (all) {
      this.#flush(at, end);
      this.#emphasis.addText(found[1]);
    }
    return end;
  }

  /** @param {string} mark @param {number} at @param {boolean} all */
  #takeCode(mark, at, all) {
    this.#codeEnds ??= codeEnds(this.text);
    const start = at + mark.length;
    const close = this.#codeEnds.get(at);
    if (close === undefined) return start;
    let code = this.text.slice(start, close);
    // As in CommonMark: one space on either side lets the code begin or end with a backtick.
    if (/^ .*[^ ].* $/.test(code)) code = code.slice(1, -1);
    return this.#put({ kind: 'code', text: code }, at, close + mark.length, all);
  }

  /** @param {number} at @returns {number} */
  #takeName(at) {
    const { text, mentions } = this;
    const found = mentions && nameAt(text, at);
    for (let name = found ?? ''; name; name = shorter(name)) {
      work.steps += 1;
      const person = mentions?.get(name.toLowerCase());
      if (!person) continue;
      const end = at + 1 + name.length;
      const { name: words, ...about } = person;
      return this.#put({ kind: 'mention', text: words, ...about }, at, end, true);
    }
    return at + 1;
  }

  /** @param {number} at @returns {number} 0 if it is none */
  #takeWordsLink(at) {
    if (!this.mentions) return 0;
    WORDS_LINK.lastIndex = at;
    const found = WORDS_LINK.exec(this.text);
    if (!found) return 0;
    const [whole, words, address] = found;
    const target = targetOf(address);
    if (!words.trim() || !target || misleads(words, target)) return 0;
    const nodes = new Line(words, null).parsed(true);
    return this.#put({ kind: 'link', address: target, nodes, named: true }, at, at + whole.length, true);
  }

  /** @param {string} found a web or mail address @param {number} at @param {boolean} all */
  #takeAddress(found, at, all) {
    const end = at + found.length;
    const isMail = !/^(?:https?:\/\/|www\.)/i.test(found);
    if (isMail ? !isMailAt(this.text, at, end) : isInAddress(this.text[at - 1] ?? '', found)) {
      // A name may follow, or another address.
      return isMail ? at + found.indexOf('@') : at + 4;
    }
    if (!this.mentions || found.length > MAX_ADDRESS_LENGTH) return end;
    const address = isMail ? found : withoutPunctuation(found, this.#openMarks);
    const target = isMail ? `mailto:${address}` : targetOf(address);
    if (!target) return end;
    /** @type {Inline} */
    const link = { kind: 'link', address: target, nodes: [shownAddress(address)], named: false };
    return this.#put(link, at, at + address.length, all);
  }
}

/** Whether marks may open something: not in a word, nor before a space. @param {string} text
 * @param {number} at @param {number} end */
const mayOpen = (text, at, end) =>
  kindOf(characterBefore(text, at)) !== 'word' && kindOf(characterAt(text, end)) !== 'space';

/** Whether a web address is the end of something longer. @param {string} before @param {string} found */
const isInAddress = (before, found) =>
  (found[0].toLowerCase() === 'w' ? /[a-z0-9\/.@=&-]/i : /[a-z0-9]/i).test(before);

/** Whether an address is not the part of a longer word. @param {string} text @param {number} at
 * @param {number} end */
function isMailAt(text, at, end) {
  return (
    kindOf(characterBefore(text, at)) !== 'word' &&
    !/^\.?[a-z0-9@-]/i.test(text.slice(end, end + 2)) &&
    kindOf(characterAt(text, end)) !== 'word' &&
    /\.[a-z]{2,}$/i.test(text.slice(at, end))
  );
}

/** Whether a name may follow an `@`: not after a letter of a word, nor in a path. @param {string} text
 * @param {number} at */
export function mayNameAt(text, at) {
  const before = characterBefore(text, at);
  if (before === '@' || kindOf(before) === 'word') return false;
  return before !== '/' || !PATH.test(text.slice(Math.max(0, at - MAX_PATH_LENGTH), at));
}

/** The longest possible name after an `@`. @param {string} text @param {number} at */
function nameAt(text, at) {
  if (!mayNameAt(text, at)) return null;
  NAME.lastIndex = at;
  const name = NAME.exec(text)?.[1];
  if (!name) return null;
  const end = at + 1 + name.length;
  const isInside = text[end] === '@' || text.startsWith('://', end) || kindOf(characterAt(text, end)) === 'word';
  return isInside ? null : name;
}

/** `@bob.Then` and `@bob-like` may name Bob, `@bob_x` not. @param {string} name */
const shorter = (name) => name.slice(0, Math.max(0, name.search(/[.-]+[^.-]*$/)));

/** @param {string} text @returns {Map<number, number>} */
function codeEnds(text) {
  const ends = new Map();
  /** @type {Map<number, number>} the next run, by its length */
  const next = new Map();
  for (const { index, 0: run } of [...text.matchAll(/`+/g)].reverse()) {
    work.steps += 1;
    const end = next.get(run.length);
    if (end !== undefined) ends.set(index, end);
    next.set(run.length, index);
  }
  return ends;
}
