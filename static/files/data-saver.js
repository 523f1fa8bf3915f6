/**
 * Loading of pictures: the choice of the person, or of this device instead, and the bytes that it
 * saved here this month.
 *
 * @module
 */

/** @import { Me } from '../realtime/wire.js' */
/** @import { LoadPictures, Network } from './variants.js' */

import { connect } from '../realtime/client.js';
import { loadingPolicy } from './variants.js';

const CHOICE = 'parley.pictures';
/** An event of the page: pictures that are held back may be loaded now. */
export const LOADING_CHANGED = 'parley-loading-changed';
const SAVED = `parley.saved-bytes.${connect().person}`;
/** The server is told a while after a picture was counted, with those that follow. */
const REPORT_DELAY_MS = 60_000;

/** The person's profile; null until it is known. @type {Me | null} */
let me = connect().me.value?.me ?? null;
connect().watchMe((view) => {
  const before = me?.auto_load;
  me = view.me;
  if (before !== me.auto_load) dispatchEvent(new Event(LOADING_CHANGED));
});

/** The choice of this device; null: that of the person. @returns {LoadPictures | null} */
export function deviceChoice() {
  const chosen = read(CHOICE);
  return chosen === 'always' || chosen === 'good' || chosen === 'never' ? chosen : null;
}

/** @param {LoadPictures | null} choice */
export function chooseForDevice(choice) {
  write(CHOICE, choice ?? '');
  dispatchEvent(new Event(LOADING_CHANGED));
}

/** What is being saved counts at once: the person may look at pictures next. @type {Choice} */
let unsaved = {};

/**
 * Save a choice for all devices of the person. Rejects with the reason when it is not saved.
 *
 * @typedef {Partial<Pick<Me, 'auto_load' | 'low_first'>>} Choice
 * @param {Choice} choice
 */
export async function chooseForPerson(choice) {
  unsaved = { ...unsaved, ...choice };
  dispatchEvent(new Event(LOADING_CHANGED));
  try {
    await connect().request('updateMe', choice);
    // Its event may come later.
    if (me) me = { ...me, ...choice };
  } finally {
    unsaved = {};
    dispatchEvent(new Event(LOADING_CHANGED));
  }
}

export function policy() {
  const { auto_load, low_first } = { ...me, ...unsaved };
  const chosen = deviceChoice() ?? auto_load ?? 'always';
  const { connection } = /** @type {{ connection?: Network }} */ (navigator);
  const { loads, saving } = loadingPolicy(chosen, connection);
  return { loads, saving: saving || low_first === true };
}

/** Bytes that this device has not loaded since the month began. @returns {number} */
export function savedBytes() {
  const [month, bytes] = (read(SAVED) ?? '').split(' ');
  return month === thisMonth() ? Number(bytes) || 0 : 0;
}

/** Variants of pictures that are counted, with what was counted. @type {Map<string, number>} */
const counted = new Map();
let reportTimer = 0;

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
  reportTimer ||= setTimeout(() => void reportSaved(), REPORT_DELAY_MS);
}

/**
 * Tell the server the sum of this device.
 *
 * @returns {Promise<number>} that of all devices; of this one, if the server cannot be asked
 */
export async function reportSaved() {
  clearTimeout(reportTimer);
  reportTimer = 0;
  const device = savedBytes();
  const sum = { month: thisMonth(), bytes: device };
  return connect().request('reportSaved', sum).then(({ bytes }) => bytes, () => device);
}

/** Of UTC, as on the server. */
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
    // Storage is unavailable: the choice is the person's, and nothing is counted.
  }
}
