/** @import { Row } from '../../../static/realtime/contract.js' */
/** @import { TimelineState } from '../../../static/realtime/timeline-types.js' */

import { TimelineItems, timelineItems } from '../../../static/chats/timeline-items.js';
import { equal, test } from './runner.js';

/** A row of Bob's at a minute of 20 November 2026. @param {number} seq @param {object} [more]
 * @returns {Row} */
const row = (seq, more = {}) =>
  /** @type {Row} */ (
    /** @type {unknown} */ ({
      key: `bob/${seq}`,
      seq,
      sender: 'bob',
      kind: 'text',
      counts: true,
      text: `text ${seq}`,
      at: `2026-11-20T12:${String(seq).padStart(2, '0')}:00Z`,
      state: 'sent',
      mine: false,
      thread: null,
      about: null,
      ...more,
    })
  );

/** @param {Row[]} rows @param {object} [more] @returns {TimelineState} */
const state = (rows, more = {}) =>
  /** @type {TimelineState} */ (
    /** @type {unknown} */ ({
      status: 'ready',
      rows,
      pending: [],
      people: { bob: { name: 'Bob' }, alice: { name: 'Alice' } },
      positions: { delivered: 0, read: 0, of: 1, members: [] },
      unreadFrom: null,
      atEnd: true,
      chat: null,
      ...more,
    })
  );

/** Items in short: `day`, `new 2`, `[1`, `2`, `3]`. @param {TimelineState} given */
const short = (given) =>
  timelineItems(given).map((item) => {
    if (item.kind === 'new') return `new ${item.count}`;
    if (item.kind !== 'row') return item.kind;
    return `${item.starts ? '[' : ''}${item.row.seq}${item.ends ? ']' : ''}`;
  });

test('rows of one sender within five minutes are a run', () => {
  equal(short(state([row(1), row(2), row(9), row(10, { sender: 'alice' })])), [
    'day',
    '[1',
    '2]',
    '[9]',
    '[10]',
  ]);
});

test('another name of a program begins a run', () => {
  const named = { layout: { name: 'Alarms' } };
  equal(short(state([row(1), row(2, named), row(3, named), row(4)])), ['day', '[1]', '[2', '3]', '[4]']);
  const [, shown] = timelineItems(state([row(1, named)]));
  equal(shown.kind === 'row' && shown.name, 'Alarms');
});

test('a new day begins in the time zone of the reader', () => {
  const late = row(1, { at: '2026-11-20T22:59:00Z' });
  const early = row(2, { at: '2026-11-20T23:01:00Z' });
  equal(short(state([late, early])), ['day', '[1]', 'day', '[2]']);
});

test('days never go backwards', () => {
  const queued = row(2, { at: '2026-11-19T12:00:00Z' });
  equal(short(state([row(1), queued])).filter((it) => it === 'day').length, 1);
});

test('the divider counts what is unread, of what is loaded and what is not', () => {
  const rows = [row(1), row(2), row(3, { counts: false, deleted: true }), row(4)];
  equal(short(state(rows, { unreadFrom: 2 }))[2], 'new 2');
  equal(short(state(rows, { unreadFrom: 2, atEnd: false, chat: { last_seq: 9, read_seq: 1, unread: 7 } }))[2], 'new 7');
});

test('away from the end, the divider and the list count the same', () => {
  // Entries 7 and 9 are not loaded, and nobody wrote 7.
  const rows = [row(4), row(5, { counts: false, kind: 'joined' }), row(6)];
  const chat = { last_seq: 9, read_seq: 3, unread: 4 };
  equal(short(state(rows, { unreadFrom: 4, atEnd: false, chat }))[1], 'new 4');
  // Marked from an entry on that was read, before own ones.
  const mixed = [row(4), row(5, { mine: true, sender: 'alice' }), row(6)];
  equal(short(state(mixed, { unreadFrom: 4, atEnd: false, chat: { last_seq: 9, read_seq: 6, unread: 3 } }))[1], 'new 5');
});

test('the divider counts the unread messages of others', () => {
  const rows = [row(1), row(2), row(3, { mine: true, sender: 'alice' }), row(4)];
  equal(short(state(rows, { unreadFrom: 2 })), ['day', '[1]', 'new 2', '[2]', '[3]', '[4]']);
});

test('an event names the person it happened to, unless they acted themselves', () => {
  const added = row(1, { kind: 'joined', about: 'alice' });
  const joined = row(2, { kind: 'joined', about: 'bob' });
  const events = timelineItems(state([added, joined])).filter((item) => item.kind === 'event');
  equal(events.map(({ names, people }) => [names, people]), [[['Bob'], ['Alice']], [['Bob'], []]]);
});

/** Each event in short: who did it, to whom. @param {Row[]} rows @param {object} [more] */
const events = (rows, more) =>
  timelineItems(state(rows, { people: PEOPLE, ...more }), 'me').flatMap((item) =>
    item.kind === 'event' ? [[item.names, item.people].map((names) => names.join()).join('>')] : [item.kind],
  );
const PEOPLE = Object.fromEntries(['bob', 'alice', 'ilse', 'tom', 'me'].map((id) => [id, { name: id }]));
const joined = { kind: 'joined', about: null };

test('several entries about members in a row are one line', () => {
  const added = (/** @type {number} */ seq, /** @type {string} */ about) => row(seq, { kind: 'joined', about });
  equal(events([added(1, 'ilse'), added(2, 'tom'), added(3, 'alice')]), ['day', 'bob>ilse,tom,alice']);
  // Another person, another kind, a message between them, or the divider: another line.
  equal(events([added(1, 'ilse'), row(2, { kind: 'joined', sender: 'alice', about: 'tom' })]), ['day', 'bob>ilse', 'alice>tom']);
  equal(events([added(1, 'ilse'), row(2, { kind: 'removed', about: 'ilse' })]), ['day', 'bob>ilse', 'bob>ilse']);
  equal(events([added(1, 'ilse'), row(2), added(3, 'tom')]), ['day', 'bob>ilse', 'row', 'bob>tom']);
  equal(events([added(1, 'ilse'), added(2, 'tom')], { unreadFrom: 2 }), ['day', 'bob>ilse', 'new', 'bob>tom']);
  equal(events([row(1, { kind: 'renamed' }), row(2, { kind: 'renamed' })]).length, 3);
});

test('people who joined by themselves are one line, without those who were added', () => {
  const own = (/** @type {number} */ seq, /** @type {string} */ sender) => row(seq, { ...joined, sender });
  equal(events([own(1, 'ilse'), own(2, 'tom'), row(3, { kind: 'joined', about: 'alice' })]), ['day', 'ilse,tom>', 'bob>alice']);
});

test('what happens to the reader is a line of its own', () => {
  const added = (/** @type {number} */ seq, /** @type {string} */ about) => row(seq, { kind: 'joined', about });
  equal(events([added(1, 'ilse'), added(2, 'me'), added(3, 'tom')]), ['day', 'bob>ilse', 'bob>me', 'bob>tom']);
  const me = row(2, { ...joined, sender: 'me', mine: true });
  equal(events([row(1, { ...joined, sender: 'ilse' }), me]), ['day', 'ilse>', 'me>']);
});

test('a row of a line of several is found', () => {
  const items = new TimelineItems('me');
  items.apply(state([row(1, { kind: 'joined', about: 'ilse' }), row(2, { kind: 'joined', about: 'tom' }), row(3)]), {}, true);
  equal(['bob/2', 'bob/3'].map((key) => items.shownAs(key)), ['bob/1', 'bob/3']);
  equal(items.keys(), ['bob/1', 'bob/3']);
});

test('each delivery status is told once, on the last own row that has it', () => {
  const mine = { mine: true, sender: 'alice' };
  const rows = [row(1, mine), row(2, mine), row(3), row(4, mine), row(5, mine), row(6, { ...mine, deleted: true })];
  const pending = [7, 8].map((n) => row(n, { ...mine, seq: null, key: `p${n}`, state: n === 7 ? 'refused' : 'pending' }));
  const positions = { read: 2, delivered: 4, of: 1, members: [] };
  const items = timelineItems(state(rows, { pending, positions }));
  equal(
    items.flatMap((item) => (item.kind === 'row' ? `${item.state}${item.tells ? '!' : ''}` : [])),
    ['read', 'read!', 'delivered', 'delivered!', 'sent!', 'sent', 'refused!', 'pending!'],
  );
});

/** @param {Row[]} rows @param {boolean} sticksToEnd @param {object} [diff] */
function shown(rows, sticksToEnd, diff = {}) {
  const items = new TimelineItems();
  items.apply(state(rows), diff, sticksToEnd);
  return items;
}

test('the tab stop is on the newest row, and moves with the arrow keys', () => {
  const items = shown([row(1), row(2), row(3)], true);
  equal([items.tabStop, items.step(-1), items.step(-Infinity), items.step(Infinity)], [
    'bob/3',
    'bob/2',
    'bob/1',
    'bob/3',
  ]);
});

test('the tab stop follows new rows only at the end', () => {
  const items = shown([row(1), row(2)], true);
  items.apply(state([row(1), row(2), row(3)]), { append: [row(3)] }, false);
  equal(items.tabStop, 'bob/2');
  items.apply(state([row(1), row(2), row(3), row(4)]), { append: [row(4)] }, true);
  equal(items.tabStop, 'bob/4');
});

test('only new messages are announced, the last ten', () => {
  const rows = Array.from({ length: 12 }, (_, n) => row(n + 1));
  const items = shown(rows, true);
  equal(items.announcements, []);
  items.apply(state(rows), { fresh: rows.map(({ key }) => key) }, true);
  equal(items.announcements.length, 10);
  equal(items.announcements.at(-1)?.text, 'Bob: text 12');
});

test('what was announced and then hidden, deleted or edited is not there to be read again', () => {
  const rows = [row(1), row(2), row(3)];
  const items = shown(rows, true);
  items.apply(state(rows), { fresh: rows.map(({ key }) => key) }, true);
  const hidden = row(1, { hidden: true, text: '' });
  const edited = row(2, { text: 'something else' });
  items.apply(state([hidden, edited, row(3)]), {}, true);
  equal(items.announcements.map(({ text }) => text), ['Bob: text 3']);
});
