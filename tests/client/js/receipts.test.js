/** @import { Owner } from '../../../static/realtime/worker/owner.js' */

import { Receipts } from '../../../static/realtime/worker/receipts.js';
import { equal, test } from './runner.js';

/** An owner of `amount` chats, of ten entries each; the first of them is read. @param {number} amount */
function ownerOf(amount) {
  /** @type {Map<string, any>} */
  const chats = new Map();
  for (let n = 0; n < amount; n += 1) {
    const id = `chat ${n}`;
    const read_seq = n ? 4 : 10;
    chats.set(id, { id, told: { read: read_seq, delivered: 10 }, chat: { id, last_seq: 10, read_seq, marked_unread: n === 0 } });
  }
  /** @type {any[]} */
  const sent = [];
  const owner = {
    model: { chats },
    changes: { local: () => ({ chat() {}, records: new Set() }) },
    sync: { synced: true },
    commands: { send: async (/** @type {any} */ command) => void sent.push(command) },
    isLookedAt: true,
  };
  return { owner: /** @type {Owner} */ (/** @type {unknown} */ (owner)), chats, sent };
}

/** Run what waits for a timer at once. @param {() => unknown} act */
async function withoutWaiting(act) {
  const { setTimeout } = globalThis;
  const globals = /** @type {any} */ (globalThis);
  globals.setTimeout = (/** @type {() => void} */ then) => queueMicrotask(then) ?? 1;
  try {
    act();
    for (let turn = 0; turn < 100; turn += 1) await null;
  } finally {
    globals.setTimeout = setTimeout;
  }
}

test('all chats are read at once, and reported 200 at a time', async () => {
  const { owner, chats, sent } = ownerOf(450);
  await withoutWaiting(() => new Receipts(owner).allSeen(null));
  equal([...chats.values()].every(({ chat }) => chat.read_seq === 10 && !chat.marked_unread), true);
  equal(sent.map(({ positions }) => positions.length), [200, 200, 50]);
  const reported = new Map(sent.flatMap(({ positions }) => positions).map(({ chat, read }) => [chat, read]));
  equal([reported.size, new Set(reported.values())], [450, new Set([10])]);
});

test('some chats are read without the others', async () => {
  const { owner, chats, sent } = ownerOf(3);
  await withoutWaiting(() => new Receipts(owner).allSeen(['chat 1', 'a chat that was left']));
  equal([...chats.values()].map(({ chat }) => chat.read_seq), [10, 10, 4]);
  equal(sent.length, 1);
});
