/** @import { Block, Inline } from '../../../static/chats/markup/parse.js' */

import { work } from '../../../static/chats/markup/line.js';
import {
  hasLongWord,
  parse,
  parseLine,
  parseMentions,
} from '../../../static/chats/markup/parse.js';
import { plainText } from '../../../static/chats/markup/plain.js';
import { equal, test } from './runner.js';

/** Also read by tests/chats/test_links.py. @type {[string, string][]} */
const CASES = await (await fetch('/tests/chats/markup.json')).json();
/** Also read by tests/chats/test_plain_text.py. @type {[string, string][]} */
const PLAIN = await (await fetch('/tests/chats/plain.json')).json();
/** Openers and closers, deeper than markup goes. Also read by tests/chats/test_plain_text.py.
 * @type {[string, string][]} */
const NESTED = await (await fetch('/tests/chats/nested.json')).json();
const MENTIONS = new Map([
  ['bob', { name: 'Bob', me: false }],
  ['all', { name: 'all', me: true }],
]);

/** Short notation: `<b>` bold, `<i>` italic, `<s>` struck out, `<c>` code, `<a address>`, `<@>`.
 * @param {Inline} node @returns {string} */
function notation(node) {
  if (typeof node === 'string') return node;
  if (node.kind === 'link') return `<a ${node.address}>${node.nodes.map(notation).join('')}</a>`;
  const sign = { bold: 'b', italic: 'i', strike: 's', code: 'c', mention: '@' }[node.kind];
  return `<${sign}>${'nodes' in node ? node.nodes.map(notation).join('') : node.text}</${sign}>`;
}

/** `{language|code}`, `[> quote]`, `(- item)`, `(1 item)`. @param {Block[]} blocks @returns {string} */
function blockNotation(blocks) {
  return blocks
    .map((block) => {
      if (block.kind === 'text') return block.nodes.map(notation).join('');
      if (block.kind === 'pre') return `{${block.language}|${block.text}}`;
      if (block.kind === 'quote') return `[> ${blockNotation(block.blocks)}]`;
      return block.items.map((one) => `(${one.number ?? '-'} ${blockNotation(one.blocks)})`).join('');
    })
    .join('');
}

for (const [text, meaning] of CASES) {
  test(`markup: ${text}`, () => equal(blockNotation(parse(text, MENTIONS)), meaning));
}

for (const [text, plain] of PLAIN) {
  test(`a line for lists: ${text}`, () => equal(plainText(text), plain));
}

/** @param {string} text */
const repeated = (text) => (/** @type {number} */ length) => text.repeat(length / text.length);

/** Pieces of which hostile texts are made. */
const HOSTILE = [
  '_a ', '*a **b ', 'b* b** ', '*a **a *a **a *a b* b** ', '`', '*', '_', '~~a ', '~~', '\\', '\\*', '```x\n', '```x\n```\n',
  'http://', 'https://a.b/(', 'https://a)', 'www.', 'www.a.b ', '@bob ', '@', 'a@', 'a@b.c', 'a.', '[', '[a](', '[a](https://b',
  '[a](https://b/(', '[a]', '[\\*', '> ', '>', '> a\n', '>\n', '- ', '- a\n', '- a\n ', ' - a\n', '1. ', '1. a\n', '\n', '- a\n\n', ' ', '\t',
  '*._', '*a _b ', '` `` ', '¯\\_(ツ)_/¯', '\u202e', '中*', '*中', '``` \n', '~~~\n> - ', '```a\nb```\n', '~~~~a\nb~~~\n', 'C:\\', ' C:\\_', '\\_', '_https://a.b_ ',
];

test('the longest texts are parsed completely, in steps that grow with their length', () => {
  const texts = [
    ...HOSTILE.map((piece) => ({ piece, of: repeated(piece) })),
    ...NESTED.map(([open, close]) => ({
      piece: open + close,
      of: (/** @type {number} */ length) => repeated(open)(length / 2) + repeated(close)(length / 2),
    })),
  ];
  for (const { piece, of } of texts) {
    const steps = [20_000, 99_999].map((length) => {
      const text = of(length);
      const before = work.steps;
      const size = JSON.stringify(parse(text, MENTIONS)).length;
      if (size < text.length * 0.2 && /\S/.test(piece)) throw new Error(`${piece}: ${size} of ${text.length}`);
      return work.steps - before;
    });
    if (steps[1] > 5.5 * steps[0] + 100) throw new Error(`${piece}: ${steps} steps`);
    if (steps[1] > 500_000) throw new Error(`${piece}: ${steps[1]} steps`);
  }
});

test('deep markup is text from a depth on', () => {
  /** @param {unknown} node @returns {number} */
  const depth = (node) => (node && typeof node === 'object' ? 1 + Math.max(0, ...Object.values(node).map(depth)) : 0);
  for (const text of ['> '.repeat(50) + 'a', '- '.repeat(50) + 'a', '> - '.repeat(50) + 'a', '*a **b '.repeat(50) + 'b** a* '.repeat(50)]) {
    const found = depth(parse(text));
    if (found > 30) throw new Error(`${text.slice(0, 20)}: ${found}`);
  }
});

test('a line for lists joins lines and leaves marks of blocks out', () => {
  const line = (/** @type {string} */ text) => parseLine(text).map(notation).join('');
  equal(line('```js\nlet *a*;\n```\n**then**  this'), 'let *a*; <b>then</b> this');
  equal(line('> quoted\n\nyes\n- one\n- two'), 'quoted yes • one • two');
});

test('mentions are found in a text whose other markup stays', () => {
  equal(
    parseMentions('*see* @bob\n`@bob` https://a.test/@bob', MENTIONS).map(notation).join(''),
    '*see* <@>Bob</@>\n`@bob` https://a.test/@bob',
  );
});

test('only a word of a thousand characters is long', () => {
  equal([hasLongWord('a'.repeat(999)), hasLongWord('a '.repeat(999))], [false, false]);
  equal(hasLongWord(`short ${'a'.repeat(1000)}`), true);
});
