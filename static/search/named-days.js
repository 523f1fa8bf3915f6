/**
 * Days by name in searches: “yesterday”, “monday”, “last week”, in English and German.
 *
 * `apps/chats/queries/named_days.py` has the same; tests/chats/search/queries.json holds both to them.
 *
 * @module
 */

/** @typedef {[first: string, following: string]} Days days as `YYYY-MM-DD` */
/** @typedef {(today: Date) => [Date, Date]} DaysAt */

const WEEKDAYS = [
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  ['montag', 'dienstag', 'mittwoch', 'donnerstag', 'freitag', 'samstag', 'sonntag'],
];

/** @param {number} year @param {number} month @param {number} day */
const date = (year, month, day) => new Date(Date.UTC(year, month, day));

/** @param {Date} from @param {number} days */
const moved = (from, days) => date(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate() + days);

/** Monday is 0. @param {Date} today */
const weekday = (today) => (today.getUTCDay() + 6) % 7;

/** @param {number} back @returns {DaysAt} */
const day = (back) => (today) => [moved(today, -back), moved(today, 1 - back)];

/** The last such day: today, or one of the six days before. @param {number} number @returns {DaysAt} */
const lastWeekday = (number) => (today) => day((weekday(today) - number + 7) % 7)(today);

/** @param {number} back @returns {DaysAt} */
const week = (back) => (today) => {
  const monday = moved(today, -weekday(today) - 7 * back);
  return [monday, moved(monday, 7)];
};

/** @param {number} back @returns {DaysAt} */
const month = (back) => (today) => {
  const [year, current] = [today.getUTCFullYear(), today.getUTCMonth()];
  return [date(year, current - back, 1), date(year, current - back + 1, 1)];
};

/** @param {number} back @returns {DaysAt} */
const year = (back) => (today) => {
  const current = today.getUTCFullYear() - back;
  return [date(current, 0, 1), date(current + 1, 0, 1)];
};

/** @type {Map<string, DaysAt>} */
const NAMES = new Map([
  ['today', day(0)],
  ['heute', day(0)],
  ['yesterday', day(1)],
  ['gestern', day(1)],
  ['vorgestern', day(2)],
  ...WEEKDAYS.flatMap((names) =>
    names.map((name, number) => /** @type {[string, DaysAt]} */ ([name, lastWeekday(number)])),
  ),
  ['this week', week(0)],
  ['diese woche', week(0)],
  ['last week', week(1)],
  ['letzte woche', week(1)],
  ['this month', month(0)],
  ['diesen monat', month(0)],
  ['dieser monat', month(0)],
  ['last month', month(1)],
  ['letzten monat', month(1)],
  ['letzter monat', month(1)],
  ['this year', year(0)],
  ['dieses jahr', year(0)],
  ['last year', year(1)],
  ['letztes jahr', year(1)],
]);

/** For a regular expression. */
export const NAMED_DAYS = [...NAMES.keys()].map((name) => name.replace(' ', '\\s+')).join('|');

/** @param {string} name @param {string} today `YYYY-MM-DD` @returns {Days | null} */
export function daysOf(name, today) {
  const days = NAMES.get(name.toLowerCase().trim().split(/\s+/).join(' '));
  return days ? /** @type {Days} */ (days(new Date(today)).map(dayOf)) : null;
}

/** @param {Date} at */
const dayOf = (at) => at.toISOString().slice(0, 10);

/** The days of `2026-11-30`; null if there is no such day. @param {string} value @returns {Days | null} */
export function daysOfDate(value) {
  const at = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(value) : new Date(NaN);
  if (Number.isNaN(at.getTime()) || dayOf(at) !== value) return null;
  return value < '1970-01-02' || value > '9998-12-31' ? null : [value, dayOf(moved(at, 1))];
}
