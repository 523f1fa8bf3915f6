/** @import { Block, Inline, ListItem } from '../../../static/chats/markup/parse.js' */

import { parse } from '../../../static/chats/markup/parse.js';
import { equal, test } from './runner.js';

/** Also read by tests/chats/test_mentions.py. @type {{ known: string[], cases: [string, string[]][] }} */
const { known, cases } = await (await fetch('/tests/chats/mentions.json')).json();
const MENTIONS = new Map(known.map((name) => [name, { name, me: false }]));

/** @param {Inline | Block | ListItem} node @returns {string[]} */
function namesIn(node) {
  if (typeof node === 'string') return [];
  if ('kind' in node && node.kind === 'mention') return [node.text];
  if ('items' in node) return node.items.flatMap(namesIn);
  if ('blocks' in node) return node.blocks.flatMap(namesIn);
  return 'nodes' in node ? node.nodes.flatMap(namesIn) : [];
}

for (const [text, names] of cases) {
  test(`mentions: ${text}`, () => equal([...new Set(parse(text, MENTIONS).flatMap(namesIn))], names));
}
