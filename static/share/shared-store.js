/**
 * What other apps shared, as the service worker has stored it (notifications/worker/share.js).
 *
 * It belongs to the person who was the last to use the app in this browser when it came, and goes with
 * their sign-out. What came while nobody was signed in, or whose person's session ended, waits for them
 * for a day.
 *
 * @module
 */

import { done, result } from '../realtime/both/database.js';

/** As in apps/notifications/views.py. */
const NAME = 'parley-shared';
const LIFETIME_MS = 24 * 3600 * 1000;
/** In `localStorage`: who used the app in this browser last. */
const LAST_PERSON = 'parley.last-person';

/**
 * `person`: whose it is, once they have used the app since.
 *
 * @typedef {{ title: string, text: string, url: string, files: File[], at: number, person?: string }} Stored
 * @typedef {{ keys: IDBValidKey[], text: string, files: File[] }} Shared
 */

/**
 * The app is used by this person: what is old, or of others, is deleted, and the rest is theirs.
 *
 * @param {string} person
 */
export async function claimShared(person) {
  const last = localStorage.getItem(LAST_PERSON) ?? person;
  await eachStored((stored) => {
    const owner = stored.person ?? last;
    return isOver(stored) || owner !== person ? null : { ...stored, person };
  });
  localStorage.setItem(LAST_PERSON, person);
}

/**
 * What this person may see, taken together.
 *
 * @param {string} person
 * @returns {Promise<Shared>}
 */
export async function readShared(person) {
  await claimShared(person);
  /** @type {Shared} */
  const shared = { keys: [], text: '', files: [] };
  await eachStored((stored, key) => {
    shared.keys.push(key);
    shared.text = [shared.text, textOf(stored)].filter(Boolean).join('\n');
    shared.files.push(...stored.files);
    return stored;
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

/** A chat has all but these files. @param {IDBValidKey[]} keys @param {File[]} files */
export const keepFiles = ([first, ...others], files) =>
  eachStored((stored, key) => {
    if (others.includes(key)) return null;
    return key === first ? { ...stored, title: '', text: '', url: '', files } : stored;
  });

/** The person signs out. */
export const forgetShared = () => eachStored(() => null);

/** Nobody is signed in. */
export const sweepShared = () => eachStored((stored) => (isOver(stored) ? null : stored));

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
