/** @import { Block, Inline, ListItem } from '../../../static/chats/markup/parse.js' */

import { parse } from '../../../static/chats/markup/parse.js';
import { equal, test } from './runner.js';

/** Also read by tests/chats/test_links.py. @type {[string, string[]][]} */
const CASES = await (await fetch('/tests/chats/links.json')).json();

/** The web addresses in a part. @param {Inline | Block | ListItem} node @returns {string[]} */
function linksOf(node) {
  if (typeof node === 'string') return [];
  if ('kind' in node && node.kind === 'link') return node.address.startsWith('mailto:') ? [] : [node.address];
  if ('items' in node) return node.items.flatMap(linksOf);
  if ('blocks' in node) return node.blocks.flatMap(linksOf);
  return 'nodes' in node ? node.nodes.flatMap(linksOf) : [];
}

/** The different links of a text. @param {string} text */
const links = (text) => [...new Set(parse(text).flatMap(linksOf))];

for (const [text, found] of CASES) test(`links: ${text}`, () => equal(links(text), found));

test('an address that is too long is no link', () => {
  const longest = 'https://example.org/'.padEnd(2048, 'a');
  equal(links(`${longest}a ${longest}`), [longest]);
});
