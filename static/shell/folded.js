/**
 * How names are compared with what was typed.
 *
 * @module
 */

/** Accents, and the vowel signs of Hebrew and Arabic. */
const SIGNS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652\u0670]/gu;

/** Lower case without accents: `Šárka` is found by `sar`. @param {string} text */
export const folded = (text) =>
  text.normalize('NFKD').replace(SIGNS, '').normalize('NFC').toLowerCase()
    .replace(/ß/g, 'ss').replace(/æ/g, 'ae').replace(/ø/g, 'o').replace(/ł/g, 'l').replace(/đ/g, 'd').replace(/ı/g, 'i');

/**
 * Whether names have each of the typed words, in any part: `太郎` finds 山田太郎.
 *
 * @param {string} names
 * @param {string} typed
 */
export function isFound(names, typed) {
  const name = folded(names);
  return folded(typed).split(/\s+/u).every((word) => name.includes(word));
}
