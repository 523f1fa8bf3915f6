/**
 * Names the databases of this browser, and deletes what need not stay, also on pages without a
 * client.
 *
 * @module
 */

import { done, result } from './database.js';

/** Of unsent messages and drafts (worker/store/local-store.js). */
const UNSENT_PREFIX = 'parley-mine-';
const PREFIX = 'parley-cache-';
const FILES_PREFIX = 'parley-files-';
/** In the database of files, in place of a chat: pictures of people. */
export const PEOPLE = 'people';

/** A new layout is a new database. */
const LAYOUT = 5;

/** @param {string} person */
export const cacheName = (person) => `${PREFIX}${LAYOUT}-${person}`;

/** Contents of files. @param {string} person */
export const filesName = (person) => `${FILES_PREFIX}1-${person}`;

/**
 * Delete one person's cache, in every layout, and the contents of files.
 *
 * @param {string} person
 */
export async function deleteCache(person) {
  const layouts = Array.from({ length: LAYOUT }, (_, index) => index + 1);
  const names = layouts.map((layout) => `${PREFIX}${layout}-${person}`);
  await Promise.all([...names, filesName(person)].map(deleteDatabase));
}

/**
 * Delete everyone's caches, in every layout. (Firefox before 126 cannot list its databases: there
 * only a person's own sign-out deletes their cache.)
 *
 * @param {string} [person] whose cache stays
 */
export async function deleteCaches(person) {
  const all = (await indexedDB.databases?.()) ?? [];
  const names = all.map(({ name = '' }) => name);
  const kept = person ? [cacheName(person), filesName(person)] : [];
  const isCache = (/** @type {string} */ name) => name.startsWith(PREFIX) || name.startsWith(FILES_PREFIX);
  const doomed = names.filter((name) => isCache(name) && !kept.includes(name));
  await Promise.all(doomed.map(deleteDatabase));
}

/** @param {string} person */
export const unsentName = (person) => `${UNSENT_PREFIX}${person}`;

/** Delete everyone's drafts that the server has, too. They come back with the next sign-in. */
export async function deleteSavedDrafts() {
  const all = (await indexedDB.databases?.()) ?? [];
  const names = all.flatMap(({ name }) => (name?.startsWith(UNSENT_PREFIX) ? name : []));
  await Promise.all(names.map(deleteSavedDraftsOf));
}

/** @param {string} name */
async function deleteSavedDraftsOf(name) {
  const db = await result(indexedDB.open(name));
  try {
    if (!db.objectStoreNames.contains('drafts')) return;
    const tx = db.transaction('drafts', 'readwrite');
    const drafts = tx.objectStore('drafts');
    for (const draft of await result(drafts.getAll())) {
      if (draft.unsaved === false) drafts.delete(draft.chat);
    }
    await done(tx);
  } finally {
    db.close();
  }
}

/**
 * Resolves when no other connection has it open; other owners close theirs (`Database`).
 *
 * @param {string} name
 */
const deleteDatabase = (name) => result(indexedDB.deleteDatabase(name));
