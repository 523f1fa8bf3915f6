/**
 * Completions of an `@name` or `:emoji` that is being typed.
 *
 * @module
 */

/** @import { MemberView } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { t } from '../shell/words.js';
import { emojiByShortcode } from './emoji.js';

/**
 * @typedef {{ key: string, emoji: string, person?: Person, label: string, detail: string, insert: string }} Suggestion
 */
/** @typedef {{ from: number, items: Suggestion[] }} Suggestions */

const UNFINISHED_WORD = /(?<![\w@.\/])(?:@(?<name>[\w.-]{0,32})|:(?<code>[a-z0-9_+-]{2,30}))$/iu;
const MAX_SUGGESTIONS = 6;

/**
 * @param {string} before the text up to the caret
 * @param {{ members: MemberView[], canMentionAll: boolean }} scope `canMentionAll`: the reader may use `@all`
 * @returns {Promise<Suggestions | null>}
 */
export async function findSuggestions(before, { members, canMentionAll }) {
  const found = UNFINISHED_WORD.exec(before);
  if (!found?.groups) return null;
  const { name, code } = found.groups;
  const items = name === undefined ? await matchingEmoji(code) : matchingMembers(name, members, canMentionAll);
  return items.length ? { from: found.index, items } : null;
}

/** @param {string} start @returns {Promise<Suggestion[]>} */
async function matchingEmoji(start) {
  const found = (await emojiByShortcode(start.toLowerCase())).slice(0, MAX_SUGGESTIONS);
  return found.map(({ emoji, code }) => ({
    key: code,
    emoji,
    label: `:${code}:`,
    detail: '',
    insert: `${emoji} `,
  }));
}

/**
 * @param {string} start
 * @param {MemberView[]} members
 * @param {boolean} canMentionAll
 * @returns {Suggestion[]}
 */
function matchingMembers(start, members, canMentionAll) {
  const begun = start.toLocaleLowerCase();
  const fits = (/** @type {string} */ words) =>
    words.toLocaleLowerCase().split(/[\s.]+/u).some((word) => word.startsWith(begun));
  /** @type {Suggestion[]} */
  const found = members
    .filter(({ person }) => fits(person.name) || person.username.startsWith(begun))
    .map(({ person }) => ({
      key: person.id,
      emoji: '',
      person,
      label: person.name,
      detail: `@${person.username}`,
      insert: `@${person.username} `,
    }));
  if (canMentionAll && 'all'.startsWith(begun)) {
    found.push({ key: 'all', emoji: '', label: t('Everybody here'), detail: '@all', insert: '@all ' });
  }
  return found.slice(0, MAX_SUGGESTIONS);
}
