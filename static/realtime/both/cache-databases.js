/**
 * The names of the cache databases, and deleting them: also for pages without a client.
 *
 * @module
 */

import { answer } from './database.js';

const PREFIX = 'parley-cache-';

/** Another layout is another database. */
const LAYOUT = 4;

/** @param {string} person */
export const cacheName = (person) => `${PREFIX}${LAYOUT}-${person}`;

/**
 * Delete what is cached of one person, in every layout.
 *
 * @param {string} person
 */
export async function deleteCache(person) {
  const layouts = Array.from({ length: LAYOUT }, (_, index) => index + 1);
  await Promise.all(layouts.map((layout) => deleteDatabase(`${PREFIX}${layout}-${person}`)));
}

/**
 * Delete what is cached of everybody, of former layouts, too. (Firefox before 126 cannot list its
 * databases: there only a person's own sign-out deletes.)
 *
 * @param {string} [kept] the name of one that stays
 */
export async function deleteCaches(kept = '') {
  const all = (await indexedDB.databases?.()) ?? [];
  const names = all.flatMap(({ name = '' }) => (name.startsWith(PREFIX) && name !== kept ? name : []));
  await Promise.all(names.map(deleteDatabase));
}

/**
 * Done when nobody has it open any more; other owners make way (`Database`).
 *
 * @param {string} name
 */
const deleteDatabase = (name) => answer(indexedDB.deleteDatabase(name));
