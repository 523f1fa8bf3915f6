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

test('of an hour that comes twice the first is meant', () => {
  equal(parseLocalTime('2026-10-25T02:30').toISOString(), '2026-10-25T00:30:00.000Z');
});

test('an hour that clocks skip is the hour after', () => {
  equal(formatLocalTime(parseLocalTime('2027-03-28T02:30')), '2027-03-28T03:30');
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

test('the zone of the profile replaces that of the browser, unless it is the default', () => {
  const at = '2026-11-20T20:00:00Z';
  useZone('UTC');
  equal(localDay(at), '2026-11-20');
  useZone('Nowhere/Else');
  equal(localDay(at), '2026-11-20');
  useZone('Pacific/Auckland');
  equal(localDay(at), '2026-11-21');
});

test('placeholders are filled, and unknown ones stay', () => {
  equal(t('{name} left {x}', { name: 'Bob' }), 'Bob left {x}');
});

test('one and many have their own words, with a number as the reader writes it', () => {
  const words = [1, 2, 1200].map((n) => tn('{n} message', '{n} messages', n));
  equal(words, ['1 message', '2 messages', '1,200 messages']);
});
