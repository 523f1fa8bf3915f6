/**
 * The language of searches, as `apps/chats/queries/search_language.py` reads it: what a query asks
 * for, what is wrong with it, and the filter that is being typed.
 *
 * @module
 */

/** @import { Days } from './named-days.js' */

import { NAMED_DAYS, daysOf, daysOfDate } from './named-days.js';

/**
 * @typedef {{ dash: boolean, key: string, value: string, end: number }} Part `end`: where it ends in
 *   the query
 * @typedef {{ key: 'date' | 'has', value: string }} Problem
 * @typedef {{ key: string, value: string, start: number }} OpenFilter `start`: where it starts
 */

export const HAS = ['link', 'code', 'file', 'image', 'video', 'audio', 'voice', 'document'];
const DATES = ['before', 'after', 'on'];
const MIN_LENGTH = 2;
/** A blank may follow the colon of a filter if what comes next can be its value, and a day may have
 * two words. */
const LOOSE = new RegExp(
  '(?<quoted>["“”„][^"“”„]*(?:["“”„]|$))|(?<!\\S)(?:' +
    '(?<name>(?:from|in):)\\s+(?=["“”„]|[^\\s:"“”„]+(?!\\S))' +
    `|(?<has>has:)\\s+(?=(?:${HAS.join('|')})(?!\\S))` +
    `|(?<key>(?:before|after|on):)\\s*(?<day>\\d{4}-[\\d-]*|${NAMED_DAYS})(?!\\S))`,
  'giu',
);
/** A filter, a word or phrase to leave out, a phrase, a word. */
const PART = /(-(?!-))?(?:([a-z]+):(?=\S))?(?:["“”„]([^"“”„]*)(?:["“”„]|$)|([^\s"“”„]+))/giu;
/** A filter at the end, whose value may be unfinished. */
const OPEN = /(?<!\S)(from|in|has|before|after|on):\s?(?:["“”„]([^"“”„]*)|([^\s"“”„]*)|(?:last|this|letzte[nrs]?|diese[nrs]?)\s+\p{L}*)$/iu;

/** @param {string} query @returns {Part[]} */
export function partsOf(query) {
  const strict = query.replace(LOOSE, (whole, ...found) => {
    const { name, has, key, day } = found.at(-1);
    return key ? `${key}"${day}"` : (name ?? has ?? whole);
  });
  return [...strict.matchAll(PART)].map(({ 0: whole, 1: dash, 2: key = '', 3: quoted, 4: plain, index }) => ({
    dash: Boolean(dash),
    key: key.toLowerCase(),
    value: (quoted ?? plain).trim(),
    end: index + whole.length,
  }));
}

/** @param {Part} part */
const isFilter = ({ dash, key, value }) => !dash && value !== '' && ['from', 'in', 'has', ...DATES].includes(key);

/** The words that a message must have. @param {string} query @returns {string[]} */
export const wordsOf = (query) =>
  partsOf(query).flatMap((part) => {
    if (part.dash || isFilter(part)) return [];
    const { key, value } = part;
    return (key ? `${key}:${value}` : value).split(/\s+/u).filter(Boolean);
  });

/** Whether a query has this filter. @param {string} query @param {string} filter `has:image` */
export const hasFilter = (query, filter) =>
  partsOf(query).some((part) => isFilter(part) && `${part.key}:${part.value.toLowerCase()}` === filter);

/** A query without this filter. @param {string} query @param {string} filter `has:image` */
export const withoutFilter = (query, filter) =>
  query.replace(new RegExp(`(?<!\\S)${filter.replace(':', ':\\s?')}(?!\\S)\\s*`, 'giu'), '');

/** What is wrong with a query; null if nothing is. @param {string} query @param {string} today
 * @returns {Problem | null} */
export function problemOf(query, today) {
  for (const part of partsOf(query).filter(isFilter)) {
    const { key, value } = part;
    if (key === 'has' && !HAS.includes(value.toLowerCase())) return { key: 'has', value };
    if (DATES.includes(key) && !days(value, today)) return { key: 'date', value };
  }
  return null;
}

/** The first day and the day after the last; null where there is none. @param {string} query
 * @param {string} today @returns {[since: string | null, until: string | null]} */
export function rangeOf(query, today) {
  let [since, until] = ['', ''];
  for (const { key, value } of partsOf(query).filter(isFilter)) {
    const [first, following] = (DATES.includes(key) && days(value, today)) || ['', ''];
    if (!first) continue;
    const [from, to] = key === 'before' ? ['', first] : [key === 'after' ? following : first, key === 'on' ? following : ''];
    if (from > since) since = from;
    if (to && (!until || to < until)) until = to;
  }
  return [since || null, until || null];
}

/** @param {string} value @param {string} today @returns {Days | null} */
const days = (value, today) => daysOf(value, today) ?? daysOfDate(value);

/** The filter that is being typed at the end. @param {string} query @returns {OpenFilter | null} */
export function openFilter(query) {
  const found = OPEN.exec(query);
  if (!found) return null;
  const key = found[1].toLowerCase();
  const value = found[2] ?? found[3] ?? found[0].slice(key.length + 1).trim();
  return { key, value, start: found.index };
}

/** What to search for now: a filter without its value is still being typed. @param {string} query */
export function searchable(query) {
  const open = openFilter(query);
  const asked = open && !open.value ? query.slice(0, open.start).trim() : query.trim();
  return [...asked].length < MIN_LENGTH ? '' : asked;
}
