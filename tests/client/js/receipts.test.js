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
  const reports = sent.filter(({ type }) => type === 'receipts');
  equal(reports.map(({ positions }) => positions.length), [200, 200, 49]);
  const reported = new Map(reports.flatMap(({ positions }) => positions).map(({ chat, read }) => [chat, read]));
  equal([reported.size, new Set(reported.values())], [449, new Set([10])]);
  // A mark alone: no position moves.
  equal(sent.filter(({ type }) => type !== 'receipts'), [{ type: 'chat.marks', chat: 'chat 0', marked_unread: false }]);
});

test('some chats are read without the others', async () => {
  const { owner, chats, sent } = ownerOf(3);
  await withoutWaiting(() => new Receipts(owner).allSeen(['chat 1', 'a chat that was left']));
  equal([...chats.values()].map(({ chat }) => chat.read_seq), [10, 10, 4]);
  equal(sent.length, 1);
});

/** Mark the chat unread from an entry. @param {Receipts} receipts @param {any[]} sent @param {string} chat */
const mark = (receipts, sent, chat) =>
  receipts.mark({ chat, unread_from: 3 }, async () => void sent.push({ type: 'chat.marks', chat, unread_from: 3 }));

test('what comes into view does not end a mark, until the chat is opened again or marked as read', async () => {
  for (const end of [
    (/** @type {Receipts} */ receipts) => (receipts.opened('chat 1'), receipts.looked('chat 1', 10)),
    (/** @type {Receipts} */ receipts) => receipts.allSeen(['chat 1']),
  ]) {
    const { owner, chats, sent } = ownerOf(2);
    const receipts = new Receipts(owner);
    const one = () => chats.get('chat 1').chat;
    await withoutWaiting(() => {
      receipts.opened('chat 1');
      const marking = mark(receipts, sent, 'chat 1');
      receipts.looked('chat 1', 10);
      return marking;
    });
    await withoutWaiting(() => receipts.looked('chat 1', 10));
    equal([one().marked_unread, one().unread_from, one().read_seq], [true, 3, 4]);
    equal(sent, [{ type: 'chat.marks', chat: 'chat 1', unread_from: 3 }]);
    await withoutWaiting(() => end(receipts));
    equal([one().marked_unread, one().unread_from, one().read_seq], [false, null, 10]);
    equal(sent.slice(1).map(({ type }) => type), ['receipts', 'chat.marks']);
  }
});

test('what was read is reported before a mark, however much else is, and a failed report fails the mark', async () => {
  const { owner, sent } = ownerOf(450);
  const receipts = new Receipts(owner);
  await withoutWaiting(() => {
    // Posted, while the connection is not caught up.
    /** @type {any} */ (owner.sync).synced = false;
    receipts.allSeen(null);
  });
  equal(sent.length, 0);
  await mark(receipts, sent, 'chat 449');
  equal(sent.map(({ type, positions }) => [type, positions?.at(0)]), [
    ['receipts', { chat: 'chat 449', read: 10 }],
    ['chat.marks', undefined],
  ]);
  owner.commands.send = () => Promise.reject(new Error('offline'));
  equal(await mark(receipts, sent, 'chat 448').catch(({ message }) => message), 'offline');
  equal(sent.length, 2);
});
