/**
 * The hues of the members of a chat, which differ from each other. Loaded after the first paint.
 *
 * @module
 */

import { HUES, hueOf, voices } from './person-color.js';

/** @param {string} chat @param {string[]} people in the order in which they joined */
export function rememberVoices(chat, people) {
  voices.set(chat, voicesOf(people));
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
  for (const id of new Set(people)) {
    const taken = new Set(found.values());
    let hue = hueOf(id);
    while (taken.size < HUES && taken.has(hue)) hue = (hue % HUES) + 1;
    found.set(id, hue);
  }
  return found;
}
