/**
 * Parser of light markup: fenced and inline code, bold, italic, links, and @names of known people.
 * Everything else is plain text. Linear in the length of the text, and without DOM.
 *
 * @module
 */

/**
 * @typedef {{ name: string, me: boolean }} Mentioned
 * @typedef {Map<string, Mentioned>} Mentions people by the lower-case name that follows an `@`
 * @typedef {{ kind: 'code', text: string } | { kind: 'link', text: string }
 *   | { kind: 'mention', text: string, me: boolean }
 *   | { kind: 'bold', nodes: Inline[] } | { kind: 'italic', nodes: Inline[] }} Span
 * @typedef {string | Span} Inline
 * @typedef {{ kind: 'text', nodes: Inline[] }
 *   | { kind: 'pre', text: string, language: string }} Block
 */

const FENCE_START = /^```([\w+#-]{0,20})\s*$/;
const FENCE_END = /^```\s*$/;
const SPAN_START = /[`*_@]|https?:\/\//gi;
const MARK = /`+|\*\*|[*_]/y;
const WORD_CHARACTER = /[\p{L}\p{N}]/u;
const MAX_NESTING = 4;
/** The same names as the server finds. */
const NAME = /@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)/iy;
/** The same links as the server finds (`apps/chats/links.py`): tests/chats/links.json. No address
 * contains quotes or full-width punctuation unencoded; where no spaces are written, they end it. */
const URL_TEXT = /https?:\/\/(?![/?#])[^\s<>"`“”„«»。、，；：？！（）「」『』【】《》〈〉]+/iy;
const MAX_URL_LENGTH = 2048;
/** @type {Record<string, string>} */
const BRACKETS = { ')': '(', ']': '[', '}': '{' };
const LONG_WORD_LENGTH = 1000;
/** @type {Mentions} */
const NO_MENTIONS = new Map();

/** Parse a whole message. @param {string} text @param {Mentions} [mentions] @returns {Block[]} */
export function parse(text, mentions = NO_MENTIONS) {
  /** @type {Block[]} */
  const blocks = [];
  const lines = text.split('\n');
  // A fence without an end is plain text.
  const last = lines.findLastIndex((line) => FENCE_END.test(line));
  let from = 0;
  for (let at = 0; at < last; at++) {
    const start = FENCE_START.exec(lines[at]);
    if (!start) continue;
    let end = at + 1;
    while (!FENCE_END.test(lines[end])) end++;
    addText(blocks, lines.slice(from, at), mentions);
    blocks.push({ kind: 'pre', text: lines.slice(at + 1, end).join('\n'), language: start[1] });
    at = end;
    from = end + 1;
  }
  addText(blocks, lines.slice(from), mentions);
  return blocks;
}

/** @param {Block[]} blocks @param {string[]} lines @param {Mentions} mentions */
function addText(blocks, lines, mentions) {
  const text = lines.join('\n');
  if (text) blocks.push({ kind: 'text', nodes: parseInline(text, mentions) });
}

/** Parse the start of a message as one line, for lists and quotes. @param {string} text */
export function parseLine(text) {
  const line = text.slice(0, 300).replace(/^```.*$/gm, '').replace(/\s+/g, ' ').trim();
  return parseInline(line, NO_MENTIONS);
}

/**
 * Split a text at its @names; all other markup stays as it was typed.
 *
 * @param {string} text
 * @param {Mentions} mentions
 * @returns {Inline[]}
 */
export function parseMentions(text, mentions) {
  /** @type {Inline[]} */
  const nodes = [];
  let from = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const found = mentionAt(text, at, mentions);
    if (!found) continue;
    nodes.push(text.slice(from, at), found.node);
    from = found.end;
    at = from - 1;
  }
  return [...nodes, text.slice(from)];
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

/** @param {string} text @param {Mentions} mentions @param {number} [depth] @returns {Inline[]} */
function parseInline(text, mentions, depth = 0) {
  /** @type {Inline[]} */
  const nodes = [];
  const closing = new ClosingMarks(text);
  let plain = 0;
  for (let at = nextSpanStart(text, 0); at < text.length; ) {
    const found = spanAt(text, at, { closing, depth, mentions });
    if (found) {
      if (at > plain) nodes.push(text.slice(plain, at));
      nodes.push(found.node);
      plain = found.end;
      at = nextSpanStart(text, found.end);
    } else {
      at = nextSpanStart(text, at + markAt(text, at).length);
    }
  }
  if (plain < text.length) nodes.push(text.slice(plain));
  return nodes;
}

/**
 * @param {string} text
 * @param {number} from
 * @returns {number} the text's length if there is none
 */
function nextSpanStart(text, from) {
  SPAN_START.lastIndex = from;
  return SPAN_START.exec(text)?.index ?? text.length;
}

/** The whole mark: any number of backticks, one or two stars. @param {string} text
 * @param {number} at */
function markAt(text, at) {
  MARK.lastIndex = at;
  return MARK.exec(text)?.[0] ?? text[at];
}

/**
 * @param {string} text
 * @param {number} at
 * @param {{ closing: ClosingMarks, depth: number, mentions: Mentions }} context
 * @returns {{ node: Inline, end: number } | null}
 */
function spanAt(text, at, { closing, depth, mentions }) {
  const mark = markAt(text, at);
  const start = at + mark.length;
  if (mark[0] === '`') {
    const end = closing.after(mark, start + 1);
    if (end < 0) return null;
    return { node: { kind: 'code', text: text.slice(start, end) }, end: end + mark.length };
  }
  if (mark[0] === '@') return mentionAt(text, at, mentions);
  if (mark[0] !== '*' && mark[0] !== '_') return linkAt(text, at);
  if (depth >= MAX_NESTING || isWord(text, at - 1) || isSpace(text, start)) return null;
  const end = closing.after(mark, start + 1);
  if (end < 0) return null;
  const nodes = parseInline(text.slice(start, end), mentions, depth + 1);
  return { node: { kind: mark === '**' ? 'bold' : 'italic', nodes }, end: end + mark.length };
}

/**
 * Finds closing marks. A search that failed once on a line fails for every later start on that
 * line, so each mark crosses a line once at most.
 */
class ClosingMarks {
  /** @type {Record<string, number>} */
  #noneBefore = {};

  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  /** @param {string} mark @param {number} from @returns {number} -1 when the line has none */
  after(mark, from) {
    const { text } = this;
    if (from <= (this.#noneBefore[mark] ?? -1)) return -1;
    let line = text.indexOf('\n', from - 1);
    if (line < 0) line = text.length;
    for (let at = from; at < line; at++) {
      if (text.startsWith(mark, at) && closes(text, mark, at)) return at;
    }
    this.#noneBefore[mark] = line;
    return -1;
  }
}

/** @param {string} text @param {string} mark @param {number} at */
function closes(text, mark, at) {
  if (mark[0] === '`') return text[at - 1] !== '`' && text[at + mark.length] !== '`';
  if (isSpace(text, at - 1) || isWord(text, at + mark.length)) return false;
  if (mark === '*') return text[at + 1] !== '*' && text[at - 1] !== '*';
  return text[at + mark.length] !== mark[0];
}

/** @param {string} text @param {number} at */
const isWord = (text, at) => at >= 0 && at < text.length && WORD_CHARACTER.test(text[at]);
/** @param {string} text @param {number} at */
const isSpace = (text, at) => at >= text.length || /\s/.test(text[at]);

/**
 * @param {string} text
 * @param {number} at
 * @param {Mentions} mentions
 * @returns {{ node: Inline, end: number } | null}
 */
function mentionAt(text, at, mentions) {
  if (isWord(text, at - 1) || /[@./]/.test(text[at - 1] ?? '')) return null;
  NAME.lastIndex = at;
  const found = NAME.exec(text);
  const person = found && mentions.get(found[1].toLowerCase());
  if (!person) return null;
  return { node: { kind: 'mention', text: person.name, me: person.me }, end: at + found[0].length };
}

/** @param {string} text @param {number} at @returns {{ node: Inline, end: number } | null} */
function linkAt(text, at) {
  if (/[a-z0-9]/i.test(text[at - 1] ?? '')) return null;
  URL_TEXT.lastIndex = at;
  const found = URL_TEXT.exec(text)?.[0];
  if (!found) return null;
  // The beginning of an address leads elsewhere.
  if (found.length > MAX_URL_LENGTH) return { node: found, end: at + found.length };
  const address = withoutPunctuation(found);
  if (!URL.canParse(address) || !new URL(address).hostname) return null;
  return { node: { kind: 'link', text: address }, end: at + address.length };
}

/** A URL without the punctuation of the sentence around it. @param {string} address */
function withoutPunctuation(address) {
  /** @param {string} sign */
  const count = (sign) => address.split(sign).length;
  const surplus = Object.fromEntries(
    Object.entries(BRACKETS).map(([last, first]) => [last, count(last) - count(first)]),
  );
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1];
    if (surplus[last] > 0) surplus[last]--;
    else if (!/[.,:;!?'*_…‘’]/.test(last)) break;
  }
  return address.slice(0, end);
}
