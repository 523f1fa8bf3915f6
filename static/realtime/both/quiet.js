/**
 * When a person wants not to be disturbed: the server's rule (apps/notifications/rules.py) again.
 *
 * @module
 */

import { clockTimeAt, instantOf, isZone } from './clock-times.js';

/**
 * @typedef {object} QuietHours daily from `start` to `end` (`HH:MM` by the clock of `zone`), over
 *   midnight when the end is earlier; and once, until `until`
 * @property {string} [zone]
 * @property {string | null} [start]
 * @property {string | null} [end]
 * @property {string | null} [until]
 */

const DAY_MS = 86_400_000;

/** The current or next hours, by their settings: lists ask for many people at once.
 * @type {Map<string, { asked: number, from: number, to: number }>} */
const known = new Map();

/** When quiet of one time ends: the reader's own, or that of a program that they connected.
 * @param {import('../wire.js').Me | null | undefined} me */
export const onceUntil = (me) => [me?.do_not_disturb?.until ?? '', me?.busy_until ?? ''].sort()[1];

/** @param {QuietHours} quiet @param {number} now */
export const isQuiet = (quiet, now) => quietUntil(quiet, now) > 0;

/**
 * When the quiet that there is now ends; 0: there is none.
 *
 * @param {QuietHours | null | undefined} quiet
 * @param {number} now
 * @returns {number} milliseconds
 */
export function quietUntil(quiet, now) {
  const { zone = '', start, end, until } = quiet ?? {};
  const once = until ? Date.parse(until) : 0;
  const hours = start && end && start !== end ? hoursAt(zone, start.slice(0, 5), end.slice(0, 5), now) : null;
  const daily = hours && hours.from <= now ? hours.to : 0;
  return Math.max(daily, once > now ? once : 0);
}

/** The hours that have not ended. @param {string} zone @param {string} start @param {string} end @param {number} now */
function hoursAt(zone, start, end, now) {
  const key = `${zone} ${start} ${end}`;
  const held = known.get(key);
  if (held && held.asked <= now && now < held.to) return held;
  const found = { asked: now, ...nextHours(isZone(zone) ? zone : 'UTC', start, end, now) };
  known.set(key, found);
  return found;
}

/** @param {string} zone @param {string} start @param {string} end @param {number} now */
function nextHours(zone, start, end, now) {
  const today = Date.parse(`${clockTimeAt(now, zone).slice(0, 10)}T00:00Z`);
  for (const day of [-1, 0, 1]) {
    /** @param {string} clock @param {number} later days */
    const at = (clock, later) =>
      instantOf(`${new Date(today + (day + later) * DAY_MS).toISOString().slice(0, 10)}T${clock}`, zone);
    const [from, to] = [at(start, 0), at(end, end < start ? 1 : 0)];
    if (from < to && now < to) return { from, to };
  }
  // Clocks skip the hours of today.
  return { from: Infinity, to: now + DAY_MS };
}
