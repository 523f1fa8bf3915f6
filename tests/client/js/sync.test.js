import { applyDiff } from '../../../static/realtime/tab/timeline.js';
import { ChatStream } from '../../../static/realtime/worker/chat-stream.js';
import { Backoff } from '../../../static/realtime/worker/backoff.js';
import { uuid } from '../../../static/realtime/both/platform.js';
import { addSpan } from '../../../static/realtime/worker/spans.js';
import { Sync, follows } from '../../../static/realtime/worker/sync.js';
import { equal, test } from './runner.js';

for (const [spans, added, result] of /** @type {[[number, number][], [number, number], number[][]][]} */ ([
  [[], [3, 5], [[3, 5]]],
  [[[1, 2]], [3, 5], [[1, 5]]],
  [[[1, 2]], [4, 5], [[1, 2], [4, 5]]],
  [[[1, 2], [6, 9]], [3, 5], [[1, 9]]],
  [[[4, 8]], [5, 6], [[4, 8]]],
  [[[4, 8]], [1, 20], [[1, 20]]],
  [[[7, 8]], [1, 2], [[1, 2], [7, 8]]],
  [[[1, 2]], [5, 4], [[1, 2]]],
])) {
  test(`spans merge when they touch: ${JSON.stringify(spans)} and ${added}`, () =>
    equal(addSpan(spans, added), result));
}

for (const [cursor, rev, prev, place] of /** @type {[number, number, number | null, string][]} */ ([
  [5, 5, null, 'known'],
  [5, 4, 3, 'known'],
  [5, 6, null, 'next'],
  [5, 7, null, 'missing'],
  [5, 9, 5, 'next'],
  [5, 9, 3, 'next'],
  [5, 9, 6, 'missing'],
  [0, 1, 0, 'next'],
])) {
  test(`behind cursor ${cursor}, revision ${rev} after ${prev} is ${place}`, () =>
    equal(follows(cursor, rev, prev), place));
}

test('what changes of the server on an open connection replaces what the welcome said', () => {
  const model = { me: null, limits: null, motd: 'old', emoji: undefined, presence: new Map() };
  const sync = new Sync(/** @type {any} */ ({ model }));
  const changes = { meta: false };
  const apply = (/** @type {object} */ event) => sync.apply(/** @type {any} */ (event), /** @type {any} */ (changes));
  apply({ type: 'welcome', epoch: 'e', me: { id: 'me' }, limits: { file_bytes: 1 }, emoji: 1 });
  equal([model.limits, model.motd, model.emoji], [{ file_bytes: 1 }, '', 1]);
  changes.meta = false;
  apply({ type: 'server', limits: { file_bytes: 2 }, motd: 'new', emoji: 2 });
  equal([model.limits, model.motd, model.emoji, changes.meta], [{ file_bytes: 2 }, 'new', 2, true]);
});

test('entries before the first one that is kept leave the chat, and what quotes them', () => {
  const record = {
    id: 'crew',
    cursor: 9,
    spans: [[1, 6]],
    told: { read: 0 },
    chat: { read_seq: 2, last: { seq: 6, text: 'yes', quote: { seq: 3, text: 'gone?' } } },
  };
  /** @type {unknown[]} */
  const saved = [];
  const drafts = { of: () => ({ text: 'so', reply: { seq: 4 } }), save: (/** @type {unknown[]} */ ...given) => saved.push(given) };
  const stream = new ChatStream(/** @type {any} */ ({ model: {}, drafts }));
  const changes = { forgotten: new Map(), chat: () => {} };
  const event = { type: 'title', title: '', kept_from: 5, kept_days: 30 };
  stream.apply(/** @type {any} */ (record), /** @type {any} */ (event), /** @type {any} */ (changes));
  const { kept_from, kept_days, read_seq, last } = /** @type {any} */ (record.chat);
  equal([record.spans, kept_from, kept_days, read_seq, last.quote], [[[5, 6]], 5, 30, 4, null]);
  equal([[...changes.forgotten], saved], [[['crew', 5]], [['crew', { text: 'so', reply: null }]]]);
  stream.apply(/** @type {any} */ (record), /** @type {any} */ ({ ...event, kept_from: 7 }), /** @type {any} */ (changes));
  equal([record.spans, record.chat.last], [[], null]);
});

test('a copy of a timeline applies every part of a diff', () => {
  const given = { rows: [{ key: 'b' }, { key: 'c' }], pending: [{ key: 'x' }], atEnd: true };
  const diff = {
    prepend: [{ key: 'a' }],
    append: [{ key: 'x', seq: 4 }],
    replace: [{ key: 'c', text: 'new' }],
    trimStart: 1,
    pending: [],
    unreadFrom: null,
  };
  const state = applyDiff(/** @type {any} */ (given), /** @type {any} */ (diff));
  equal(state.rows, [{ key: 'b' }, { key: 'c', text: 'new' }, { key: 'x', seq: 4 }]);
  equal([state.pending, state.atEnd, state.unreadFrom], [[], true, null]);
});

test('waits between attempts grow to half a minute and are random', () => {
  const runs = Array.from({ length: 300 }, () => new Backoff());
  for (let attempt = 0; attempt < 9; attempt++) {
    const drawn = runs.map((backoff) => backoff.next());
    const ceiling = Math.min(30_000, 500 * 2 ** attempt);
    equal(Math.max(...drawn) <= ceiling, true);
    equal(Math.max(...drawn) > ceiling * 0.9, true);
    equal(Math.min(...drawn) < ceiling * 0.1, true);
  }
});

test('ids are different UUIDs of version four', () => {
  const made = Array.from({ length: 50 }, uuid);
  equal(new Set(made).size, 50);
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  equal(made.filter((one) => !pattern.test(one)), []);
});
