/**
 * Loading of pictures on this device: the reader's choice, and the bytes that it saved this month.
 *
 * @module
 */

/** @import { LoadPictures, Network } from './variants.js' */

import { loadingPolicy } from './variants.js';

const CHOICE = 'parley.pictures';
/** An event of the page: pictures that are held back may be loaded now. */
export const LOADING_CHANGED = 'parley-loading-changed';
const SAVED = 'parley.saved-bytes';

/** @returns {LoadPictures} */
export function chosenLoading() {
  const chosen = read(CHOICE);
  return chosen === 'good' || chosen === 'never' ? chosen : 'always';
}

/** @param {LoadPictures} choice */
export function chooseLoading(choice) {
  write(CHOICE, choice);
  dispatchEvent(new Event(LOADING_CHANGED));
}

export const policy = () =>
  loadingPolicy(chosenLoading(), /** @type {{ connection?: Network }} */ (navigator).connection);

/** Bytes not loaded since the month began. @returns {number} */
export function savedBytes() {
  const [month, bytes] = (read(SAVED) ?? '').split(' ');
  return month === thisMonth() ? Number(bytes) || 0 : 0;
}

/** Variants of pictures that are counted, with what was counted. @type {Map<string, number>} */
const counted = new Map();

/**
 * Count what a picture saved, once for each picture shown by this page.
 *
 * @param {string} file
 * @param {number} bytes in all; zero after it was loaded in full
 */
export function countSaved(file, bytes) {
  const before = counted.get(file) ?? 0;
  if (bytes === before) return;
  counted.set(file, bytes);
  write(SAVED, `${thisMonth()} ${Math.max(0, savedBytes() + bytes - before)}`);
}

const thisMonth = () => new Date().toISOString().slice(0, 7);

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} value */
function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is unavailable: the choice is the default, and nothing is counted.
  }
}
