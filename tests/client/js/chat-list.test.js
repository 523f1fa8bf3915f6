/** @import { ChatList } from '../../../static/chats/list.js' */
/** @import { ChatView } from '../../../static/realtime/contract.js' */

import '../../../static/chats/list.js';
import { equal, test } from './runner.js';

/** @param {string} id @param {object} [more] */
const chat = (id, more) =>
  /** @type {ChatView} */ (
    /** @type {unknown} */ ({ id, kind: 'group', title: id, active_at: '2026-11-20T12:00:00Z', unread: 0, typing: [], draft: '', ...more })
  );

/** A list in the page. @param {ChatView[]} chats */
async function listOf(chats) {
  const list = /** @type {ChatList} */ (document.createElement('chat-list'));
  document.body.replaceChildren(list);
  list.chats = chats;
  await null;
  const link = (/** @type {string} */ id) => /** @type {HTMLElement} */ (list.querySelector(`[data-chat="${id}"]`));
  const stops = () => {
    const links = [...list.querySelectorAll('a[data-chat]')].filter((one) => one.checkVisibility());
    return links.filter((one) => /** @type {HTMLElement} */ (one).tabIndex === 0).map((one) => one.getAttribute('data-chat'));
  };
  const show = async (/** @type {ChatView[]} */ next) => {
    list.chats = next;
    await null;
  };
  return { list, link, stops, show };
}

const focused = () => document.activeElement?.getAttribute('data-chat') ?? document.activeElement?.localName;

test('when a chat with the focus is archived, the next one gets it, and the tab stop', async () => {
  const { link, stops, show } = await listOf([chat('a'), chat('b'), chat('c')]);
  link('b').focus();
  await show([chat('a'), chat('b', { archived: true }), chat('c')]);
  equal([focused(), stops()], ['c', ['c']]);
  await show([chat('a'), chat('b', { archived: true }), chat('c', { archived: true })]);
  equal([focused(), stops()], ['a', ['a']]);
  await show(['a', 'b', 'c'].map((id) => chat(id, { archived: true })));
  equal([focused(), stops()], ['summary', []]);
});

test('the focus stays with a chat that moves, and is not taken from elsewhere', async () => {
  const { link, stops, show } = await listOf([chat('a'), chat('b'), chat('c')]);
  link('c').focus();
  await show([chat('a'), chat('b'), chat('c', { pinned: true })]);
  equal([focused(), stops()], ['c', ['c']]);
  link('c').blur();
  await show([chat('a'), chat('b'), chat('c', { archived: true })]);
  equal([focused(), stops()], ['body', ['a']]);
});

test('when the archive is folded with the focus inside, its heading gets it', async () => {
  const { list, link, stops } = await listOf([chat('a'), chat('b', { archived: true })]);
  const archive = /** @type {HTMLDetailsElement} */ (list.querySelector('details'));
  const toggled = () => new Promise((done) => archive.addEventListener('toggle', done, { once: true }));
  archive.open = true;
  await toggled();
  link('b').focus();
  equal(stops(), ['b']);
  archive.open = false;
  await toggled();
  equal([focused(), stops()], ['summary', ['a']]);
});
