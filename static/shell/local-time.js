/**
 * Moments by the reader's clock: from what stands on it to the instant, and back.
 *
 * @module
 */

import { localParts } from './times.js';

const MINUTE = 60_000;

/**
 * The instant at which the reader's clock shows this. Of an hour that comes twice the first, of one
 * that is left out the hour after.
 *
 * @param {string} local `2026-11-21T14:32`
 */
export function parseLocalTime(local) {
  const shown = Date.parse(`${local}Z`);
  // Where the clock stands is known only at an instant: the second guess is right.
  let instant = shown;
  for (let round = 0; round < 2; round += 1) instant += shown - Date.parse(`${formatLocalTime(instant)}Z`);
  return new Date(instant);
}

/** What the reader's clock shows. @param {number | Date} instant @returns {string} `2026-11-21T14:32` */
export function formatLocalTime(instant) {
  const { year, month, day, hour, minute } = localParts(instant);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/**
 * When something can be sent that has time: in an hour, tomorrow at nine, Monday at nine.
 *
 * @param {number} now
 */
export function timePresets(now) {
  const today = Date.parse(`${formatLocalTime(now).slice(0, 10)}T00:00Z`);
  /** @param {number} days */
  const nine = (days) => parseLocalTime(`${new Date(today + days * 1440 * MINUTE).toISOString().slice(0, 10)}T09:00`);
  // Sunday is 0: from each day to the Monday after it.
  const toMonday = (8 - new Date(today).getUTCDay()) % 7 || 7;
  return { hour: new Date(now + 60 * MINUTE), tomorrow: nine(1), monday: nine(toMonday) };
}
