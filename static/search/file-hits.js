/**
 * Names of files that a search found.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */

import { iconOf } from '../files/file-texts.js';
import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';

/**
 * The files of a found message by whose names it was found.
 *
 * @param {File[]} files
 * @param {string[]} words of the query
 * @param {boolean} isInText whether the text has matches
 */
export function foundFiles(files, words, isInText) {
  if (!words.length) return [];
  const pattern = patternOf(words);
  const named = files.filter(({ name }) => name.search(pattern) >= 0);
  // The server takes other spellings for the same word.
  return named.length || isInText ? named : files;
}

/** @param {File[]} files @param {string[]} words */
export const fileHits = (files, words) =>
  files.map((file) => html`<span class="hit-file">${icon(iconOf(file), { size: '14' })} <bdi>${marked(file.name, words)}</bdi></span>`);

/** @param {string} name @param {string[]} words */
const marked = (name, words) =>
  name.split(patternOf(words)).map((part, index) => (index % 2 ? html`<mark>${part}</mark>` : part || nothing));

/** @param {string[]} words */
const patternOf = (words) =>
  new RegExp(`(${words.map((word) => word.replace(/[\\^$.*+?()[\]{}|\/]/g, '\\$&')).join('|')})`, 'iu');
