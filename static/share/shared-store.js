/**
 * What other apps shared, as the service worker has stored it (notifications/worker/share.js).
 *
 * It belongs to the person who sees it first, and goes with their sign-out. What came while nobody
 * was signed in, or whose session ended before a chat was chosen, waits for a day.
 *
 * @module
 */

import { done, result } from '../realtime/both/database.js';

/** As in apps/notifications/views.py. */
const NAME = 'parley-shared';
const LIFETIME_MS = 24 * 3600 * 1000;

/**
 * `person`: who has seen it; `waits`: that person's session ended.
 *
 * @typedef {{ title: string, text: string, url: string, files: File[], at: number,
 *   person?: string, waits?: boolean }} Stored
 * @typedef {{ keys: IDBValidKey[], text: string, files: File[] }} Shared
 */

/**
 * What this person may see, taken together. From now on it is theirs.
 *
 * @param {string} person
 * @returns {Promise<Shared>}
 */
export async function readShared(person) {
  /** @type {Shared} */
  const shared = { keys: [], text: '', files: [] };
  await eachStored((stored, key) => {
    if (isOver(stored) || (stored.person ?? person) !== person) return null;
    shared.keys.push(key);
    shared.text = [shared.text, textOf(stored)].filter(Boolean).join('\n');
    shared.files.push(...stored.files);
    return { ...stored, person, waits: false };
  });
  return shared;
}

/** Apps put the address into any of the three. @param {Stored} stored */
function textOf({ title, text, url }) {
  /** @param {string} part @param {string[]} others */
  const isIn = (part, others) => others.some((other) => other.includes(part));
  return [isIn(title, [text, url]) ? '' : title, text, isIn(url, [text]) ? '' : url].filter(Boolean).join('\n');
}

/** A chat has it now. @param {IDBValidKey[]} keys */
export const deleteShared = (keys) => eachStored((stored, key) => (keys.includes(key) ? null : stored));

/** The session ended before a chat was chosen. @param {string} person */
export const keepShared = (person) =>
  eachStored((stored) => (stored.person === person ? { ...stored, waits: true } : stored));

/** The person signs out. */
export const forgetShared = () => eachStored(() => null);

/** Nobody is signed in. */
export const sweepShared = () =>
  eachStored((stored) => (isOver(stored) || (stored.person && !stored.waits) ? null : stored));

/** @param {Stored} stored */
const isOver = ({ at }) => at < Date.now() - LIFETIME_MS;

/** @param {(stored: Stored, key: IDBValidKey) => Stored | null} change null: delete it */
async function eachStored(change) {
  const all = (await indexedDB.databases?.()) ?? [];
  if (!all.some(({ name }) => name === NAME)) return;
  const db = await result(indexedDB.open(NAME));
  try {
    const tx = db.transaction('shared', 'readwrite');
    const store = tx.objectStore('shared');
    const [keys, values] = await Promise.all([result(store.getAllKeys()), result(store.getAll())]);
    for (const [index, key] of keys.entries()) {
      const changed = change(values[index], key);
      if (changed === null) store.delete(key);
      else if (changed !== values[index]) store.put(changed, key);
    }
    await done(tx);
  } finally {
    db.close();
  }
}
