/**
 * What stands beside a mark decides whether it is one. The server has the same kinds
 * (`apps/chats/markup.py`).
 *
 * @module
 */

/** @typedef {'space' | 'unspaced' | 'word' | 'mark' | 'sign'} Kind
 *   `unspaced`: a letter of a script that is written without spaces, or with particles after words */

const SPACE = /\s/;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ーｰ]/u;
const WORD = /[\p{L}\p{N}\p{M}]/u;

/** @param {string} character empty: the text begins or ends here @returns {Kind} */
export function kindOf(character) {
  if (!character || SPACE.test(character)) return 'space';
  if ('*_~'.includes(character)) return 'mark';
  if (UNSPACED.test(character)) return 'unspaced';
  return WORD.test(character) ? 'word' : 'sign';
}

/** The character that ends at an index. @param {string} text @param {number} at */
export function characterBefore(text, at) {
  const unit = text.charCodeAt(at - 1);
  return text.slice(at - (unit >= 0xdc00 && unit < 0xe000 ? 2 : 1), at);
}

/** The character that starts at an index. @param {string} text @param {number} at */
export const characterAt = (text, at) =>
  at < text.length ? String.fromCodePoint(/** @type {number} */ (text.codePointAt(at))) : '';
