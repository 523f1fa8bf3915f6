/** @import { Chat, Message } from '../../../static/realtime/wire.js' */

import { firstUnread, isMentioned, unreadOf, withEntry } from '../../../static/realtime/both/unread.js';
import { equal, test } from './runner.js';

/**
 * Also read by tests/chats/queries/test_unread.py.
 *
 * @type {{ name: string, entries: string[], read: number, unread: number, first: number | null,
 *   uncounted?: number[], mentioned?: number[] }[]}
 */
const cases = await (await fetch('/tests/chats/unread.json')).json();

/** @param {string} words @param {number} seq @returns {Message} */
function entry(words, seq) {
  const [kind, ...more] = words.split(' ');
  const mentions = more.includes('@me') ? ['me'] : more.includes('@other') ? ['other'] : [];
  const mentions_all = more.includes('@all');
  const deleted = more.includes('deleted');
  return /** @type {Message} */ (
    /** @type {unknown} */ ({ seq, kind, text: words, sender: 'bob', mentions, mentions_all, deleted })
  );
}

/** @param {Chat} chat @param {Message} message @returns {Chat} */
const after = (chat, message) => ({
  ...chat,
  ...withEntry(chat, message, 'me', ['deploy']),
  last_seq: Math.max(chat.last_seq, message.seq),
});

const empty = /** @type {Chat} */ (
  /** @type {unknown} */ ({ last_seq: 0, read_seq: 0, uncounted: [], mentioned: [] })
);

for (const { name, entries, read, unread, first, uncounted = [], mentioned = [] } of cases) {
  test(`unread: ${name}`, () => {
    // As the events come: all are messages at first, and each is read as far as it is.
    const sent = entries.map((words, n) => entry(words.replace(' deleted', ''), n + 1));
    const now = entries.map((words, n) => entry(words, n + 1));
    let chat = { ...empty, read_seq: Math.min(read, 1) };
    for (const message of [...sent, ...now]) chat = after(chat, message);
    chat.read_seq = read;
    equal([unreadOf(chat), firstUnread(chat), isMentioned(chat)], [unread, first, mentioned.length > 0]);
    const ofServer = { ...chat, uncounted, mentioned };
    equal([unreadOf(ofServer), firstUnread(ofServer), isMentioned(ofServer)], [unread, first, mentioned.length > 0]);
  });
}

test('a message that is restored counts again', () => {
  const chat = after(after(empty, entry('text @me deleted', 1)), entry('text @me', 1));
  equal([unreadOf(chat), chat.uncounted, chat.mentioned], [1, [], [1]]);
});

test('an edit takes a mention away', () => {
  const chat = after(after(empty, entry('text @all', 1)), entry('text', 1));
  equal([unreadOf(chat), isMentioned(chat)], [1, false]);
});

test('own messages mention nobody', () => {
  const own = { ...entry('text @all deploy', 1), sender: 'me' };
  equal(isMentioned(after(empty, own)), false);
});

test('lists of unread entries have an end, and what is read goes', () => {
  let chat = empty;
  for (let seq = 1; seq <= 510; seq += 1) chat = after(chat, entry('joined', seq));
  equal([chat.uncounted?.length, chat.uncounted?.[0], unreadOf(chat)], [500, 510, 10]);
  equal(after({ ...chat, read_seq: 508 }, entry('joined', 511)).uncounted, [511, 510, 509]);
});

test('a chat that a release before stored has no lists', () => {
  const { uncounted, mentioned, ...old } = { ...empty, last_seq: 3 };
  equal([unreadOf(old), firstUnread(old), isMentioned(old)], [3, 1, false]);
});
