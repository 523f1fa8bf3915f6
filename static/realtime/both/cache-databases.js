/**
 * Names the cache databases and deletes them, also on pages without a client.
 *
 * @module
 */

import { result } from './database.js';

const PREFIX = 'parley-cache-';

/** A new layout is a new database. */
const LAYOUT = 4;

/** @param {string} person */
export const cacheName = (person) => `${PREFIX}${LAYOUT}-${person}`;

/**
 * Delete one person's cache, in every layout.
 *
 * @param {string} person
 */
export async function deleteCache(person) {
  const layouts = Array.from({ length: LAYOUT }, (_, index) => index + 1);
  await Promise.all(layouts.map((layout) => deleteDatabase(`${PREFIX}${layout}-${person}`)));
}

/**
 * Delete everyone's caches, in every layout. (Firefox before 126 cannot list its databases: there
 * only a person's own sign-out deletes their cache.)
 *
 * @param {string} [kept] the name of one that stays
 */
export async function deleteCaches(kept = '') {
  const all = (await indexedDB.databases?.()) ?? [];
  const names = all.map(({ name = '' }) => name);
  const doomed = names.filter((name) => name.startsWith(PREFIX) && name !== kept);
  await Promise.all(doomed.map(deleteDatabase));
}

/**
 * Resolves when no other connection has it open; other owners close theirs (`Database`).
 *
 * @param {string} name
 */
const deleteDatabase = (name) => result(indexedDB.deleteDatabase(name));
