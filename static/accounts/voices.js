/**
 * The hues of the members of a chat, which differ from each other. Loaded after the first paint.
 *
 * @module
 */

import { HUES, hueOf, voices } from './person-color.js';

/** What the hues of each chat were computed from. @type {Map<string, [Named[], object]>} */
const sources = new Map();

/** @typedef {{ person: { id: string } }} Named */

/**
 * Computed again only when the members or the people of the chat are others than before.
 *
 * @param {string} chat
 * @param {Named[]} members in the order in which they joined
 * @param {Record<string, unknown>} people others who wrote here, by id
 */
export function rememberVoices(chat, members, people) {
  const [ofMembers, ofPeople] = sources.get(chat) ?? [];
  if (ofMembers === members && ofPeople === people) return;
  sources.set(chat, [members, people]);
  voices.set(chat, voicesOf([...members.map(({ person }) => person.id), ...Object.keys(people)]));
}

/**
 * Each person's own hue, or the next that nobody before them has. So it is the same for all members,
 * and stays when somebody joins. Beyond eight people, hues repeat.
 *
 * @param {string[]} people in the order in which they joined
 */
export function voicesOf(people) {
  /** @type {Map<string, number>} */
  const found = new Map();
  /** @type {Set<number>} */
  const taken = new Set();
  for (const id of new Set(people)) {
    let hue = hueOf(id);
    while (taken.size < HUES && taken.has(hue)) hue = (hue % HUES) + 1;
    taken.add(hue);
    found.set(id, hue);
  }
  return found;
}
