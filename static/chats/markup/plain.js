/**
 * A message as one line of plain text, without the marks: as `plain_text` on the server.
 *
 * @module
 */

/** @import { Inline } from './parse.js' */

import { parseLine } from './parse.js';

/** The start of a message. @param {string} text */
export const plainText = (text) => parseLine(text).map(wordsOf).join('').replace(/\s+/g, ' ').trim();

/** @param {Inline} node @returns {string} */
const wordsOf = (node) => (typeof node === 'string' ? node : 'nodes' in node ? node.nodes.map(wordsOf).join('') : node.text);
