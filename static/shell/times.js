/**
 * Dates and times as text, by `Intl`, in the reader's language and time zone.
 *
 * @module
 */

/** @import { Me } from '../realtime/wire.js' */

import { deviceZone, zoneOf } from '../realtime/both/clock-times.js';
import { language, t } from './words.js';

/** @type {string | undefined} undefined: that of the browser */
let zone;
/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** Use the time zone that the reader has chosen, if they have.
 * @param {Pick<Me, 'time_zone' | 'time_zone_chosen'>} me */
export function useZone(me) {
  const name = zoneOf(me);
  if (name === timeZone()) return;
  zone = name;
  formats.clear();
}

/** The time zone of the reader. */
export const timeZone = () => zone ?? deviceZone();

/** @param {string} name @param {Intl.DateTimeFormatOptions} options @param {string} [tag] */
function format(name, options, tag = language()) {
  let made = formats.get(name);
  if (!made) {
    made = new Intl.DateTimeFormat(tag, { timeZone: zone, ...options });
    formats.set(name, made);
  }
  return made;
}

/** `2026-11-21`, the day in the reader's zone. @param {string | number} at */
export function localDay(at) {
  return format('day', { year: 'numeric', month: '2-digit', day: '2-digit' }, 'sv').format(
    new Date(at),
  );
}

/** `November 2026` @param {string} at */
export function monthText(at) {
  return format('month', { month: 'long', year: 'numeric' }).format(new Date(at));
}

/** `14:32` @param {string} at */
export function timeOfDay(at) {
  return format('clock', { timeStyle: 'short' }).format(new Date(at));
}

/** `14:32`, now in another time zone; empty where the browser does not know that.
 * @param {string} timeZone */
export function timeIn(timeZone) {
  try {
    return new Intl.DateTimeFormat(language(), { timeStyle: 'short', timeZone }).format(new Date());
  } catch {
    return '';
  }
}

/** `Saturday, 21 November 2026 at 14:32` @param {string} at */
export function fullDate(at) {
  return format('whole', { dateStyle: 'full', timeStyle: 'short' }).format(new Date(at));
}

/** `21 Nov 2026, 14:32` @param {string} at */
export function dateAndTime(at) {
  return format('date and clock', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

/** `Sat 21 Nov, 14:32` @param {string | Date} at */
export function upcomingDate(at) {
  /** @type {Intl.DateTimeFormatOptions} */
  const day = { weekday: 'short', day: 'numeric', month: 'short' };
  return format('moment', { ...day, hour: 'numeric', minute: '2-digit' }).format(new Date(at));
}

/** When something ends: the time within a day, else the day, too. @param {string} at */
export function endTime(at) {
  return Date.parse(at) - Date.now() < 86_400_000 ? timeOfDay(at) : upcomingDate(at);
}

/** Whole days from `day` to now: 0 today, 1 yesterday. @param {string} day `YYYY-MM-DD` */
function daysAgo(day) {
  return Math.round((Date.parse(localDay(Date.now())) - Date.parse(day)) / 86_400_000);
}

/** Heading of a day in a timeline: `Today`, `Monday`, `Saturday 21 November`. @param {string} at */
export function dayHeading(at) {
  const days = daysAgo(localDay(at));
  if (days === 0) return t('Today');
  if (days === 1) return t('Yesterday');
  const date = new Date(at);
  if (days > 0 && days < 7) return format('weekday', { weekday: 'long' }).format(date);
  if (localDay(at).slice(0, 4) === localDay(Date.now()).slice(0, 4)) {
    return format('date', { weekday: 'long', day: 'numeric', month: 'long' }).format(date);
  }
  return format('dated', { dateStyle: 'long' }).format(date);
}

/** Short, for lists: the time today, then `Yesterday`, `Sat`, `21/11/2026`. @param {string} at */
export function shortDate(at) {
  const days = daysAgo(localDay(at));
  if (days <= 0) return timeOfDay(at);
  if (days === 1) return t('Yesterday');
  const date = new Date(at);
  if (days < 7) return format('short day', { weekday: 'short' }).format(date);
  return format('short date', { dateStyle: 'short' }).format(date);
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `20 minutes ago`, `yesterday`. @param {string} at */
export function timeAgo(at) {
  const seconds = (Date.now() - Date.parse(at)) / 1000;
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? [];
  if (!unit || !size) return t('just now');
  const words = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  return words.format(-Math.floor(seconds / size), unit);
}
