/**
 * Light markup to templates: fenced and inline code, bold, italic, links, @names of people who are
 * known here; all else stands as it was typed. No HTML goes in or out, and time grows with the
 * length of the text, not faster.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { icon } from '../shell/icon.js';
import { View, html } from '../shell/view.js';
import { t } from '../shell/words.js';

/**
 * @typedef {{ name: string, me: boolean }} Mentioned
 * @typedef {Map<string, Mentioned>} Mentions who is meant, by what stands behind the @ in lower case
 * @typedef {{ kind: 'code', text: string } | { kind: 'link', text: string }
 *   | { kind: 'mention', text: string, me: boolean }
 *   | { kind: 'bold', nodes: Node[] } | { kind: 'italic', nodes: Node[] }} Span
 * @typedef {string | Span} Node
 * @typedef {{ kind: 'text', nodes: Node[] } | { kind: 'pre', text: string, language: string }} Block
 */

const OPEN = /^```([\w+#-]{0,20})\s*$/;
const CLOSE = /^```\s*$/;
const MARK = /[`*_@]|https?:\/\//gi;
const RUN = /`+|\*\*|[*_]/y;
const WORD = /[\p{L}\p{N}]/u;
const DEEPEST = 4;
/** As the server finds them. */
const NAME = /@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)/iy;
/** @type {Mentions} */
const NOBODY = new Map();

/** @param {string} text @param {Mentions} [mentions] @returns {Block[]} */
export function parse(text, mentions = NOBODY) {
  /** @type {Block[]} */
  const blocks = [];
  const lines = text.split('\n');
  const last = lines.findLastIndex((line) => CLOSE.test(line));
  let from = 0;
  for (let at = 0; at < last; at++) {
    const opened = OPEN.exec(lines[at]);
    if (!opened) continue;
    let end = at + 1;
    while (!CLOSE.test(lines[end])) end++;
    addText(blocks, lines.slice(from, at), mentions);
    blocks.push({ kind: 'pre', text: lines.slice(at + 1, end).join('\n'), language: opened[1] });
    at = end;
    from = end + 1;
  }
  addText(blocks, lines.slice(from), mentions);
  return blocks;
}

/** @param {Block[]} blocks @param {string[]} lines @param {Mentions} mentions */
function addText(blocks, lines, mentions) {
  const text = lines.join('\n');
  if (text) blocks.push({ kind: 'text', nodes: inline(text, 0, mentions) });
}

/** @param {string} text @param {number} depth @param {Mentions} mentions @returns {Node[]} */
function inline(text, depth, mentions) {
  /** @type {Node[]} */
  const nodes = [];
  const ends = new Ends(text);
  let plain = 0;
  MARK.lastIndex = 0;
  for (let at = next(text, 0); at < text.length; ) {
    const found = spanAt(text, at, { ends, depth, mentions });
    if (found) {
      if (at > plain) nodes.push(text.slice(plain, at));
      nodes.push(found.node);
      plain = found.end;
      at = next(text, found.end);
    } else {
      at = next(text, at + markAt(text, at).length);
    }
  }
  if (plain < text.length) nodes.push(text.slice(plain));
  return nodes;
}

/**
 * Where the next thing that could begin a span stands.
 *
 * @param {string} text
 * @param {number} from
 */
function next(text, from) {
  MARK.lastIndex = from;
  return MARK.exec(text)?.index ?? text.length;
}

/** The whole sign at a place: any number of backticks, one or two stars. @param {string} text
 * @param {number} at */
function markAt(text, at) {
  RUN.lastIndex = at;
  return RUN.exec(text)?.[0] ?? text[at];
}

/**
 * @param {string} text
 * @param {number} at
 * @param {{ ends: Ends, depth: number, mentions: Mentions }} how
 * @returns {{ node: Node, end: number } | null}
 */
function spanAt(text, at, { ends, depth, mentions }) {
  const mark = markAt(text, at);
  const start = at + mark.length;
  if (mark[0] === '`') {
    const end = ends.after(mark, start + 1);
    if (end < 0) return null;
    return { node: { kind: 'code', text: text.slice(start, end) }, end: end + mark.length };
  }
  if (mark[0] === '@') return mentionAt(text, at, mentions);
  if (mark[0] !== '*' && mark[0] !== '_') return linkAt(text, at);
  if (depth >= DEEPEST || isWord(text, at - 1) || isSpace(text, start)) return null;
  const end = ends.after(mark, start + 1);
  if (end < 0) return null;
  const nodes = inline(text.slice(start, end), depth + 1, mentions);
  return { node: { kind: mark === '**' ? 'bold' : 'italic', nodes }, end: end + mark.length };
}

/**
 * Finds closing marks. A search that failed once on a line fails for every later start on that
 * line, so each mark crosses a line once at most.
 */
class Ends {
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
const isWord = (text, at) => at >= 0 && at < text.length && WORD.test(text[at]);
/** @param {string} text @param {number} at */
const isSpace = (text, at) => at >= text.length || /\s/.test(text[at]);

/** @param {string} text @param {number} at @param {Mentions} mentions
 * @returns {{ node: Node, end: number } | null} */
function mentionAt(text, at, mentions) {
  if (isWord(text, at - 1) || /[@./]/.test(text[at - 1] ?? '')) return null;
  NAME.lastIndex = at;
  const found = NAME.exec(text);
  const meant = found && mentions.get(found[1].toLowerCase());
  if (!meant) return null;
  const node = { kind: /** @type {const} */ ('mention'), text: meant.name, me: meant.me };
  return { node, end: at + found[0].length };
}

const ADDRESS = /https?:\/\/[^\s<>"`]{1,2000}/iy;

/** @param {string} text @param {number} at @returns {{ node: Node, end: number } | null} */
function linkAt(text, at) {
  if (isWord(text, at - 1)) return null;
  ADDRESS.lastIndex = at;
  const found = ADDRESS.exec(text)?.[0];
  if (!found) return null;
  const address = trimmed(found);
  if (!URL.canParse(address) || !new URL(address).hostname) return null;
  return { node: { kind: 'link', text: address }, end: at + address.length };
}

/** An address without the punctuation of the sentence around it. @param {string} address */
function trimmed(address) {
  let end = address.length;
  let open = address.split('(').length - address.split(')').length;
  for (; end > 0; end--) {
    const last = address[end - 1];
    if (last === ')' && open < 0) open++;
    else if (!/[.,:;!?'*_\]}…»”’]/.test(last)) break;
  }
  return address.slice(0, end);
}

/** A text with its @names as chips, all else as it was typed. @param {string} text
 * @param {Mentions} mentions @returns {unknown[]} */
export function chips(text, mentions) {
  const parts = [];
  let from = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const found = mentionAt(text, at, mentions);
    if (!found) continue;
    parts.push(text.slice(from, at), shown(found.node));
    from = found.end;
    at = from - 1;
  }
  return [...parts, text.slice(from)];
}

/**
 * Whether a text has a word of a thousand letters or more. The browser fits the letters of a word
 * to each other (kerning), and does so anew for each line that it breaks a word into: one word of
 * 100,000 letters would hold up the page for seconds.
 *
 * @param {string} text
 */
export function isDense(text) {
  return text.length >= 1000 && text.split(/\s/).some((word) => word.length >= 1000);
}

/**
 * Whom the @names of a row mean: as the server found them, and until it has looked everybody who is
 * known here.
 *
 * @param {Pick<Row, 'text' | 'mentions'> & Partial<Row>} row
 * @param {Record<string, Person>} people
 * @returns {Mentions}
 */
export function mentionsOf({ text, state = 'sent', mentions, mentions_all }, people) {
  /** @type {Mentions} */
  const meant = new Map();
  if (!text.includes('@')) return meant;
  const me = document.body.dataset.person;
  for (const id of state === 'sent' ? mentions : Object.keys(people)) {
    const person = people[id];
    if (person) meant.set(person.username.toLowerCase(), { name: person.name, me: id === me });
  }
  if (mentions_all) meant.set('all', { name: t('all'), me: true });
  return meant;
}

/** A whole message. @param {string} text @param {Mentions} [mentions] */
export function formatted(text, mentions = NOBODY) {
  return parse(text, mentions).map((block) =>
    block.kind === 'pre'
      ? html`<code-block .program=${block.text} .language=${block.language}></code-block>`
      : block.nodes.map(shown),
  );
}

/** Colours programs, once it has been fetched. @type {typeof import('./highlight.js') | null} */
let highlight = null;
const COPIED_MS = 2000;

/** `<code-block>`: a program, with its colours as soon as they are there; they move nothing. */
class CodeBlock extends View {
  #program = '';
  language = '';
  #copied = false;

  /** @param {string} text */
  set program(text) {
    this.#program = text;
    // Heights are measured as soon as the rows are drawn.
    if (this.isConnected) this.draw();
  }

  start() {
    this.draw();
    if (!this.language || highlight) return;
    import('./highlight.js').then(
      (module) => {
        highlight = module;
        this.update();
      },
      () => {},
    );
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#program);
    } catch {
      return; // the browser says no, and has said so
    }
    this.#copied = true;
    this.update();
    setTimeout(() => {
      this.#copied = false;
      this.update();
    }, COPIED_MS);
  }

  view() {
    const words = this.#copied ? t('Copied') : t('Copy');
    return html`<pre><code>${highlight?.highlighted(this.#program, this.language) ?? this.#program}</code></pre>
      <button class="tool code-copy" tabindex="-1" aria-label=${words} title=${words} @click=${this.#copy}>${icon(
        this.#copied ? 'check' : 'copy',
        { size: '16' },
      )}</button>`;
  }
}

customElements.define('code-block', CodeBlock);

/**
 * The beginning of a message on one line, without links: it stands inside one.
 *
 * @param {string} text
 */
export function preview(text) {
  const line = text.slice(0, 300).replace(/^```.*$/gm, '').replace(/\s+/g, ' ').trim();
  return inline(line, 0, NOBODY).map((node) =>
    typeof node === 'object' && node.kind === 'link' ? node.text : shown(node),
  );
}

/** @param {Node} node @returns {unknown} */
function shown(node) {
  if (typeof node === 'string') return node;
  if (node.kind === 'code') return html`<code>${node.text}</code>`;
  if (node.kind === 'bold') return html`<strong>${node.nodes.map(shown)}</strong>`;
  if (node.kind === 'italic') return html`<em>${node.nodes.map(shown)}</em>`;
  if (node.kind === 'mention') {
    return html`<span class="mention ${node.me ? 'mention-me' : ''}">@<bdi>${node.text}</bdi></span>`;
  }
  return html`<a href=${node.text} target="_blank" rel="noopener noreferrer nofollow" dir="ltr" tabindex="-1">${node.text}</a>`;
}
