/** @import { Inline } from '../../../static/chats/markup/parse.js' */

import {
  hasLongWord,
  parse,
  parseLine,
  parseMentions,
} from '../../../static/chats/markup/parse.js';
import { equal, test } from './runner.js';

const MENTIONS = new Map([
  ['bob', { name: 'Bob', me: false }],
  ['all', { name: 'all', me: true }],
]);

/** Short notation of a parsed text: `<b>`, `<i>`, `<c>`, `<a>`, `<@>`. @param {Inline} node
 * @returns {string} */
function notation(node) {
  if (typeof node === 'string') return node;
  const sign = { bold: 'b', italic: 'i', code: 'c', link: 'a', mention: '@' }[node.kind];
  const inside = 'nodes' in node ? node.nodes.map(notation).join('') : node.text;
  return `<${sign}>${inside}</${sign}>`;
}

/** @param {string} text */
function inline(text) {
  const [block] = parse(text, MENTIONS);
  return block.kind === 'text' ? block.nodes.map(notation).join('') : block;
}

for (const [text, meaning] of [
  ['plain\ntwo lines', 'plain\ntwo lines'],
  ['a *b* **c** _d_ `e`', 'a <i>b</i> <b>c</b> <i>d</i> <c>e</c>'],
  ['***x***', '<b><i>x</i></b>'],
  ['**a *b* c**', '<b>a <i>b</i> c</b>'],
  ['`*not*`', '<c>*not*</c>'],
  ['``a ` b``', '<c>a ` b</c>'],
  ['snake_case_name, 2*3*4', 'snake_case_name, 2*3*4'],
  ['never **closed', 'never **closed'],
  ['*not\nover lines*', '*not\nover lines*'],
  ['(https://a.test/b).', '(<a>https://a.test/b</a>).'],
  ['https://a.test/b_(c)_d?e=1&f=2,', '<a>https://a.test/b_(c)_d?e=1&f=2</a>,'],
  ['javascript:alert(1) http://', 'javascript:alert(1) http://'],
  ['@Bob, @all and @nobody', '<@>Bob</@>, <@>all</@> and @nobody'],
  ['mail bob@bob.test, **@bob**', 'mail bob@bob.test, <b><@>Bob</@></b>'],
]) {
  test(`inline markup: ${text}`, () => equal(inline(text), meaning));
}

test('a fenced block keeps its text as it was typed', () => {
  equal(parse('before\n```py\nfor *x*:\n    y\n```\nafter'), [
    { kind: 'text', nodes: ['before'] },
    { kind: 'pre', text: 'for *x*:\n    y', language: 'py' },
    { kind: 'text', nodes: ['after'] },
  ]);
});

test('a fence without an end is text', () => {
  equal(parse('```\nnever closed'), [{ kind: 'text', nodes: ['```\nnever closed'] }]);
});

test('the longest texts are parsed completely', () => {
  for (const piece of ['_a ', '*a **b ', '`', '*', '```x\n', 'http://', 'https://a.b/(', '@bob ']) {
    const text = piece.repeat(99_999 / piece.length);
    const size = JSON.stringify(parse(text)).length;
    if (size < text.length * 0.9) throw new Error(`${piece}: ${size} of ${text.length}`);
  }
});

test('a line for lists joins lines and leaves fences out', () => {
  const nodes = parseLine('```js\nlet a;\n```\n**then**  this');
  equal(nodes.map(notation).join(''), 'let a; <b>then</b> this');
});

test('mentions are found in a text whose other markup stays', () => {
  equal(parseMentions('*see* @bob', MENTIONS).map(notation).join(''), '*see* <@>Bob</@>');
});

test('only a word of a thousand characters is long', () => {
  equal([hasLongWord('a'.repeat(999)), hasLongWord('a '.repeat(999))], [false, false]);
  equal(hasLongWord(`short ${'a'.repeat(1000)}`), true);
});
