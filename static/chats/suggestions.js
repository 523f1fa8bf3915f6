/**
 * What a word begun with @ or : may become.
 *
 * @module
 */

/** @import { MemberView } from '../realtime/contract.js' */

import { t } from '../shell/words.js';
import { byCode } from './emoji.js';

/** @typedef {{ key: string, picture: string, words: string, more: string, insert: string }} Choice */
/** @typedef {{ from: number, choices: Choice[] }} Completion */

const WORD = /(?<![\w@.\/])(?:@(?<name>[\w.-]{0,32})|:(?<code>[a-z0-9_+-]{2,30}))$/iu;
const MOST = 6;

/**
 * @param {string} before the text up to the caret
 * @param {{ members: MemberView[], all: boolean }} who `all`: everybody may be meant at once
 * @returns {Promise<Completion | null>}
 */
export async function complete(before, { members, all }) {
  const found = WORD.exec(before);
  if (!found?.groups) return null;
  const { name, code } = found.groups;
  const choices = name === undefined ? await emoji(code) : people(name, members, all);
  return choices.length ? { from: found.index, choices } : null;
}

/** @param {string} start @returns {Promise<Choice[]>} */
async function emoji(start) {
  const found = (await byCode(start.toLowerCase())).slice(0, MOST);
  return found.map(({ emoji: one, code }) => ({
    key: code,
    picture: one,
    words: `:${code}:`,
    more: '',
    insert: `${one} `,
  }));
}

/** @param {string} start @param {MemberView[]} members @param {boolean} all @returns {Choice[]} */
function people(start, members, all) {
  const begun = start.toLocaleLowerCase();
  const fits = (/** @type {string} */ words) =>
    words.toLocaleLowerCase().split(/[\s.]+/u).some((word) => word.startsWith(begun));
  const found = members
    .filter(({ person }) => fits(person.name) || person.username.startsWith(begun))
    .map(({ person }) => ({
      key: person.id,
      picture: '',
      words: person.name,
      more: `@${person.username}`,
      insert: `@${person.username} `,
    }));
  if (all && 'all'.startsWith(begun)) {
    found.push({ key: 'all', picture: '', words: t('Everybody here'), more: '@all', insert: '@all ' });
  }
  return found.slice(0, MOST);
}
