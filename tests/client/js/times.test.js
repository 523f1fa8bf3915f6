import { instantOf } from '../../../static/realtime/both/clock-times.js';
import { quietUntil } from '../../../static/realtime/both/quiet.js';
import { formatLocalTime, parseLocalTime, timePresets } from '../../../static/shell/local-time.js';
import { localDay, timeAgo, useZone } from '../../../static/shell/times.js';
import { t, tn } from '../../../static/shell/words.js';
import { equal, test } from './runner.js';

// The page runs in Europe/Berlin.

test('a local time becomes an instant and back', () => {
  const instant = parseLocalTime('2026-11-21T14:32');
  equal(instant.toISOString(), '2026-11-21T13:32:00.000Z');
  equal(formatLocalTime(instant), '2026-11-21T14:32');
});

test('a local time is the same instant as on the server', async () => {
  /** @type {{ zone: string, local: string, instant: string }[]} */
  const cases = await (await fetch('/tests/core/local_times.json')).json();
  equal(
    cases.map(({ zone, local }) => ({ zone, local, instant: new Date(instantOf(local, zone)).toISOString() })),
    cases.map((one) => ({ ...one, instant: new Date(one.instant).toISOString() })),
  );
});

test('presets are in an hour, tomorrow at nine and on Monday at nine', () => {
  // A Friday.
  const { hour, tomorrow, monday } = timePresets(Date.parse('2026-11-20T22:30:00Z'));
  equal([hour, tomorrow, monday].map(formatLocalTime), [
    '2026-11-21T00:30',
    '2026-11-21T09:00',
    '2026-11-23T09:00',
  ]);
});

test('on a Monday the Monday preset is a week later', () => {
  const { monday } = timePresets(Date.parse('2026-11-23T08:00:00Z'));
  equal(formatLocalTime(monday), '2026-11-30T09:00');
});

test('relative times round down', () => {
  /** @param {number} seconds */
  const ago = (seconds) => timeAgo(new Date(Date.now() - seconds * 1000).toISOString());
  equal([ago(20), ago(119), ago(3600), ago(86_400)], [
    'just now',
    '1 minute ago',
    '1 hour ago',
    'yesterday',
  ]);
});

test('a chosen zone replaces that of the device, also UTC', () => {
  const at = '2026-11-20T23:30:00Z';
  /** @param {string} time_zone @param {boolean} [time_zone_chosen] */
  const day = (time_zone, time_zone_chosen) => {
    useZone({ time_zone, time_zone_chosen });
    return localDay(at);
  };
  equal(day('UTC', false), '2026-11-21');
  equal(day('UTC', true), '2026-11-20');
  equal(day('Nowhere/Else', true), '2026-11-21');
  equal(day('America/New_York', true), '2026-11-20');
  equal(day('America/New_York', false), '2026-11-21');
  // Profiles that an earlier release stored on this device.
  equal([day('UTC'), day('America/New_York')], ['2026-11-21', '2026-11-20']);
});

test('quiet ends with the later of the hours of the day and the time that was chosen once', () => {
  const hours = { zone: 'Europe/Berlin', start: '22:00', end: '07:00' };
  /** @param {string} now @param {string | null} [until] */
  const ends = (now, until) => {
    const at = quietUntil({ ...hours, until }, Date.parse(now));
    return at && new Date(at).toISOString();
  };
  equal(ends('2026-11-20T20:59:00Z'), 0);
  equal(ends('2026-11-20T21:00:00Z'), '2026-11-21T06:00:00.000Z');
  equal(ends('2026-11-21T05:59:00Z', '2026-11-21T05:59:30Z'), '2026-11-21T06:00:00.000Z');
  equal(ends('2026-11-21T06:00:00Z'), 0);
  equal(ends('2026-11-21T06:00:00Z', '2026-11-21T08:00:00Z'), '2026-11-21T08:00:00.000Z');
  equal(quietUntil(null, Date.now()), 0);
});

test('placeholders are filled, and unknown ones stay', () => {
  equal(t('{name} left {x}', { name: 'Bob' }), 'Bob left {x}');
});

test('one and many have their own words, with a number as the reader writes it', () => {
  const words = [1, 2, 1200].map((n) => tn('{n} message', '{n} messages', n));
  equal(words, ['1 message', '2 messages', '1,200 messages']);
});
