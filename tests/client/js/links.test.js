/** @import { Inline } from '../../../static/chats/markup/parse.js' */

import { parse } from '../../../static/chats/markup/parse.js';
import { equal, test } from './runner.js';

/** Also read by tests/chats/test_links.py. @type {[string, string[]][]} */
const CASES = await (await fetch('/tests/chats/links.json')).json();

/** @param {Inline} node @returns {string[]} */
function linksOf(node) {
  if (typeof node === 'string') return [];
  if (node.kind === 'link') return [node.text];
  return 'nodes' in node ? node.nodes.flatMap(linksOf) : [];
}

/** The different links of a text. @param {string} text */
function links(text) {
  const nodes = parse(text).flatMap((block) => (block.kind === 'text' ? block.nodes : []));
  return [...new Set(nodes.flatMap(linksOf))];
}

for (const [text, found] of CASES) test(`links: ${text}`, () => equal(links(text), found));

test('an address that is too long is no link', () => {
  const longest = 'https://example.org/'.padEnd(2048, 'a');
  equal(links(`${longest}a ${longest}`), [longest]);
});
