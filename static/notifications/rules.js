/**
 * Whether to notify a person about a message: the server's rules (apps/notifications/rules.py)
 * again, for notifications shown by the page. Both are tested with one table of cases.
 *
 * @module
 */

/** @import { QuietHours } from '../realtime/both/quiet.js' */

import { isQuiet } from '../realtime/both/quiet.js';

/**
 * @typedef {'all' | 'mention' | 'keyword' | 'break_through' | 'muted' | 'level_none'
 *   | 'not_mentioned' | 'do_not_disturb'} Reason
 *
 * @typedef {object} Preferences `chat_level` empty: use `level`
 * @property {'all' | 'mentions' | 'none'} [level]
 * @property {'all' | 'mentions' | 'none' | ''} [chat_level]
 * @property {boolean} [muted]
 * @property {string | null} [muted_until]
 * @property {string[]} [keywords]
 * @property {boolean} [break_through]
 * @property {QuietHours} [quiet]
 */

/** A character of a script that puts no blank between words (Thai, Lao, Burmese, Khmer, kana, Han),
 * or attaches particles to them (Hangul). */
const UNSPACED =
  '(?:(?!\\p{M})[\\u0e00-\\u0eff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7ff\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}])';
/** A letter or digit of all other scripts, or a mark on one. An underscore is of a word between two
 * of them; at its edge it is a mark of italics. */
const IN_WORD = `(?:(?!${UNSPACED})[\\p{L}\\p{N}]|(?<!${UNSPACED}\\p{M}*)\\p{M})`;
const BEGINS_UNSPACED = new RegExp(`^${UNSPACED}`, 'u');
const ENDS_UNSPACED = new RegExp(`${UNSPACED}\\p{M}*$`, 'u');

/** Only this many characters of a text are searched for keywords. */
const MAX_KEYWORD_TEXT = 2000;

/** Reasons with which the person is notified. @type {Set<string>} */
export const NOTIFYING = new Set(['all', 'mention', 'keyword', 'break_through']);

/**
 * @param {Preferences} preferences
 * @param {{ text: string, mentioned: boolean, now: number }} message `now` in milliseconds
 * @returns {Reason}
 */
export function decide(preferences, { text, mentioned, now }) {
  const { chat_level, keywords = [], break_through = false, quiet = {} } = preferences;
  const level = chat_level || preferences.level || 'all';
  if (level === 'none') return 'level_none';
  const breaking = mentioned && break_through;
  if (isMuted(preferences, now)) return breaking ? 'break_through' : 'muted';
  const keyword = !mentioned && hasKeyword(text, keywords);
  if (level === 'mentions' && !mentioned && !keyword) return 'not_mentioned';
  if (isQuiet(quiet, now)) return breaking ? 'break_through' : 'do_not_disturb';
  if (mentioned) return 'mention';
  return keyword ? 'keyword' : 'all';
}

/** @param {{ muted?: boolean, muted_until?: string | null }} marks @param {number} now */
export const isMuted = ({ muted = false, muted_until = null }, now) =>
  muted || (muted_until !== null && now < Date.parse(muted_until));

/**
 * Whether the text contains a keyword as whole words, ignoring case. At a character of an unspaced
 * script a keyword may begin and end anywhere, but not before a combining mark.
 *
 * @param {string} text
 * @param {string[]} keywords
 */
export function hasKeyword(text, keywords) {
  if (!keywords.length) return false;
  const either = keywords.map((keyword) => {
    const word = folded(keyword);
    const begin = BEGINS_UNSPACED.test(word) ? '' : `(?<!${IN_WORD}_{0,9})`;
    const end = ENDS_UNSPACED.test(word) ? '' : `(?!_{0,9}${IN_WORD})`;
    return `${begin}${word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}${end}(?!\\p{M})`;
  });
  return new RegExp(either.join('|'), 'u').test(folded(text.slice(0, MAX_KEYWORD_TEXT)));
}

/** An approximation of Unicode case folding, after normalisation.
 * @param {string} text */
const folded = (text) => text.normalize('NFC').replace(/ẞ/g, 'ss').toLowerCase().replace(/ß/g, 'ss').replace(/ς/g, 'σ');
