/**
 * Completions of an `@name`, `:emoji` or `/command` that is being typed.
 *
 * @module
 */

/** @import { MemberView } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { folded } from '../shell/folded.js';
import { t } from '../shell/words.js';
import { emojiByShortcode } from './emoji.js';
import { inOwnTone } from './emoji-habits.js';
import { mayNameAt } from './markup/line.js';

/**
 * `isComplete`: all of it is typed already.
 *
 * @typedef {{ key: string, emoji: string, person?: Person, label: string, detail: string,
 *   insert: string, isComplete?: boolean }} Suggestion
 */
/** @typedef {{ from: number, items: Suggestion[] }} Suggestions */

const UNFINISHED_NAME = /@([\p{L}\p{N}\p{M}._-]{0,32})$/u;
const UNFINISHED_CODE = /(?<![\p{L}\p{N}_@.\/:]):([a-z0-9_+-]{2,30})$/iu;
const UNFINISHED_COMMAND = /^\/([a-z0-9_-]{0,32})$/iu;
const MAX_SUGGESTIONS = 6;
/** The others come as one types, and with `/help`. */
const MAX_COMMANDS = 8;

/**
 * @param {string} before the text up to the caret
 * @param {{ chat: string, members: MemberView[], canMentionAll: boolean }} scope `canMentionAll`: the
 *   reader may use `@all`
 * @returns {Promise<Suggestions | null>}
 */
export async function findSuggestions(before, { chat, members, canMentionAll }) {
  const command = UNFINISHED_COMMAND.exec(before);
  if (command) {
    const items = await matchingCommands(command[1].toLowerCase(), chat);
    return items.length ? { from: 0, items } : null;
  }
  const name = UNFINISHED_NAME.exec(before);
  if (name && mayNameAt(before, name.index)) {
    const items = matchingMembers(name[1], members, canMentionAll);
    return items.length ? { from: name.index, items } : null;
  }
  const code = UNFINISHED_CODE.exec(before);
  const items = code ? await matchingEmoji(code[1]) : [];
  return code && items.length ? { from: code.index, items } : null;
}

/** @param {string} start @param {string} chat @returns {Promise<Suggestion[]>} */
async function matchingCommands(start, chat) {
  const { commandsOf } = await import('./slash-commands.js');
  const found = (await commandsOf(chat)).filter(({ name }) => name.startsWith(start));
  return found.slice(0, MAX_COMMANDS).map(({ name, hint, description }) => ({
    key: name,
    emoji: '',
    label: `/${name} ${hint}`.trim(),
    detail: description,
    insert: `/${name} `,
    isComplete: name === start,
  }));
}

/** @param {string} start @returns {Promise<Suggestion[]>} */
async function matchingEmoji(start) {
  const found = (await emojiByShortcode(start.toLowerCase())).slice(0, MAX_SUGGESTIONS);
  return found.map(({ emoji, code }) => ({
    key: code,
    emoji: inOwnTone(emoji),
    label: `:${code}:`,
    detail: '',
    insert: `${inOwnTone(emoji)} `,
  }));
}

/**
 * @param {string} start
 * @param {MemberView[]} members
 * @param {boolean} canMentionAll
 * @returns {Suggestion[]}
 */
function matchingMembers(start, members, canMentionAll) {
  const begun = folded(start);
  /** @type {Suggestion[][]} those with a word that begins so, and those that contain it */
  const found = [[], []];
  for (const { person } of members) {
    const name = folded(person.name);
    const begins = [person.username, name, ...name.split(/[\s.]+/u)].some((word) => word.startsWith(begun));
    if (!begins && !name.includes(begun) && !person.username.includes(begun)) continue;
    found[begins ? 0 : 1].push({
      key: person.id,
      emoji: '',
      person,
      label: person.name,
      detail: `@${person.username}`,
      insert: `@${person.username} `,
    });
  }
  if (canMentionAll && 'all'.startsWith(begun)) {
    found[0].push({ key: 'all', emoji: '', label: t('Everybody here'), detail: '@all', insert: '@all ' });
  }
  return found.flat().slice(0, MAX_SUGGESTIONS);
}
