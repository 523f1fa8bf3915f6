/**
 * Times by the clock of a place, and instants. `apps/core/local_time.py` is the same on the server;
 * both are tested with one table of cases.
 *
 * @module
 */

/** @import { Me } from '../wire.js' */

const DAY_MS = 86_400_000;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** The time zone of this device. */
export const deviceZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * The time zone that a person has chosen; else that of this device. A profile of the release before
 * does not say whether it was chosen: UTC was the default.
 *
 * @param {Pick<Me, 'time_zone' | 'time_zone_chosen'> | null | undefined} me
 */
export function zoneOf(me) {
  const { time_zone = '', time_zone_chosen = time_zone !== 'UTC' } = me ?? {};
  return time_zone_chosen && isZone(time_zone) ? time_zone : deviceZone();
}

/** Whether this browser knows a time zone. @param {string} zone */
export function isZone(zone) {
  try {
    return Boolean(zone && formatOf(zone));
  } catch {
    return false;
  }
}

/** @param {string} timeZone */
function formatOf(timeZone) {
  let made = formats.get(timeZone);
  if (!made) {
    /** @type {Intl.DateTimeFormatOptions} */
    const two = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' };
    made = new Intl.DateTimeFormat('en-u-nu-latn', { timeZone, year: 'numeric', ...two, hourCycle: 'h23' });
    formats.set(timeZone, made);
  }
  return made;
}

/**
 * What clocks of the zone show at an instant: `2026-11-21T14:32`.
 *
 * @param {number | Date} instant
 * @param {string} zone
 */
export function clockTimeAt(instant, zone) {
  const parts = formatOf(zone).formatToParts(instant);
  const { year, month, day, hour, minute } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${year.padStart(4, '0')}-${month}-${day}T${hour}:${minute}`;
}

/**
 * The instant at which clocks of the zone show a time. Of a time that comes twice, the first; a time
 * that clocks skip is as much later as they skip.
 *
 * @param {string} local `2026-11-21T14:32`
 * @param {string} zone
 * @returns {number} milliseconds
 */
export function instantOf(local, zone) {
  const shown = Date.parse(`${local}Z`);
  const [before, after] = [shown - DAY_MS, shown + DAY_MS].map((near) => offsetAt(near, zone));
  const first = Math.min(shown - before, shown - after);
  const last = Math.max(shown - before, shown - after);
  // Shown at neither: clocks skip it, and the later one is by the clock before they do.
  return clockTimeAt(first, zone) === local ? first : last;
}

/** How much the clocks of a zone are ahead of UTC. @param {number} instant @param {string} zone */
const offsetAt = (instant, zone) => Date.parse(`${clockTimeAt(instant, zone)}Z`) - Math.floor(instant / 60_000) * 60_000;
