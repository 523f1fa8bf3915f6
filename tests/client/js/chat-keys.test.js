/** @import { ChatView } from '../../../static/realtime/contract.js' */

import { isUnread, isWaiting } from '../../../static/chats/attention.js';
import { filtered, inOrder } from '../../../static/chats/list-filter.js';
import { nextChat, nextWaiting, watchKeys } from '../../../static/shell/chat-keys.js';
import { equal, test } from './runner.js';

/** @param {string} id @param {object} [more] */
const chat = (id, more) =>
  /** @type {ChatView} */ (
    /** @type {unknown} */ ({ id, unread: 0, marked_unread: false, mentioned: false, muted: false, pinned: false, archived: false, ...more })
  );

test('a chat waits when it is unread or marked; a muted one, when it mentions the reader', () => {
  const cases = [{}, { unread: 2 }, { marked_unread: true }, { unread: 2, muted: true }, { unread: 2, muted: true, mentioned: true }];
  equal(cases.map((more) => isUnread(chat('a', more))), [false, true, true, true, true]);
  equal(cases.map((more) => isWaiting(chat('a', more))), [false, true, true, false, true]);
});

test('the list shows all chats, unread ones, or those that mention the reader, and the open one', () => {
  const chats = [chat('read'), chat('open'), chat('unread', { unread: 1 }), chat('named', { unread: 1, mentioned: true })];
  const ids = (/** @type {'all' | 'unread' | 'mentions'} */ filter) => filtered(chats, filter, 'open').map(({ id }) => id);
  equal(ids('all').length, 4);
  equal(ids('unread'), ['open', 'unread', 'named']);
  equal(ids('mentions'), ['open', 'named']);
});

test('pinned chats are first, archived ones last', () => {
  const { pinned, others, archived } = inOrder([chat('a'), chat('b', { pinned: true }), chat('c', { pinned: true, archived: true })]);
  equal([pinned, others, archived].map((part) => part.map(({ id }) => id)), [['b'], ['a'], ['c']]);
});

test('keys lead from chat to chat, and stop at the ends', () => {
  const order = ['a', 'b', 'c'];
  equal([nextChat(order, 'a', 1), nextChat(order, 'b', -1), nextChat(order, 'c', 1), nextChat(order, 'a', -1)], ['b', 'a', 'c', 'a']);
  equal([nextChat(order, '', 1), nextChat(order, '', -1), nextChat([], 'a', 1)], ['a', 'c', undefined]);
});

test('keys lead to the next chat that waits, round the ends of the list', () => {
  const chats = [chat('a', { unread: 1 }), chat('b'), chat('c', { unread: 1, muted: true }), chat('d', { unread: 1 }), chat('e', { pinned: true })];
  equal([nextWaiting(chats, 'b', 1), nextWaiting(chats, 'b', -1)], ['d', 'a']);
  equal([nextWaiting(chats, 'd', 1), nextWaiting(chats, 'a', -1), nextWaiting(chats, '', 1)], ['a', 'd', 'a']);
  equal(nextWaiting([chat('a', { unread: 1 })], 'a', 1), undefined);
});

test('Shift+Escape asks, and does nothing in a field that holds text', async () => {
  const end = watchKeys(() => []);
  const field = document.createElement('textarea');
  document.body.append(field);
  const press = () => {
    const event = new KeyboardEvent('keydown', { key: 'Escape', shiftKey: true, bubbles: true, cancelable: true });
    field.dispatchEvent(event);
    return event.defaultPrevented;
  };
  field.value = 'hello';
  equal(press(), false);
  field.value = '';
  equal(press(), true);
  while (!document.querySelector('read-all-dialog button')) await new Promise((drawn) => requestAnimationFrame(drawn));
  equal([...document.querySelectorAll('read-all-dialog button')].map((one) => one.textContent?.trim()), ['', 'Cancel', 'Mark all as read']);
  end();
});

test('a key without a name, as autofill sends it, fails nowhere', () => {
  const end = watchKeys(() => []);
  const failed = /** @type {string[]} */ ([]);
  const heard = (/** @type {ErrorEvent} */ { message }) => failed.push(message);
  addEventListener('error', heard);
  document.body.dispatchEvent(new Event('keydown', { bubbles: true }));
  removeEventListener('error', heard);
  equal(failed, []);
  end();
});
