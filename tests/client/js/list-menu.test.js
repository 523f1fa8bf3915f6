/** @import { ChatListMenu } from '../../../static/chats/list-menu.js' */
/** @import { ChatView } from '../../../static/realtime/contract.js' */

import '../../../static/chats/list.js';
import { setArchived, setChat } from '../../../static/chats/chat-menu.js';
import '../../../static/chats/list-menu.js';
import { connect } from '../../../static/realtime/client.js';
import { equal, test } from './runner.js';

const crew = /** @type {ChatView} */ (
  /** @type {unknown} */ ({ id: 'crew', kind: 'group', title: 'Crew', active_at: '2026-11-20T12:00:00Z', unread: 0, typing: [], draft: '' })
);

const UNTIL = new Date(Date.now() + 20 * 3_600_000).toISOString();

/** A list of one chat. `answers`: how the server answers, in turn; `sent`: what it was told. */
async function listOfOne(settings = {}) {
  /** @type {(() => Promise<unknown>)[]} */
  const answers = [];
  /** @type {any[]} */
  const sent = [];
  const command = (/** @type {Record<string, unknown>} */ { type, chat, ...settings }) => {
    sent.push(settings);
    return (answers.shift() ?? (async () => {}))();
  };
  Object.assign(connect(), { command });
  const list = /** @type {any} */ (document.createElement('chat-list'));
  document.body.replaceChildren(list);
  list.chats = [{ ...crew, ...settings }];
  await settled();
  const row = /** @type {HTMLElement} */ (list.querySelector('[data-row]'));
  const swipe = (/** @type {number} */ by) => {
    for (const [kind, x] of /** @type {[string, number][]} */ ([['down', 200], ['move', 200 + by], ['up', 200 + by]])) {
      row.firstElementChild?.dispatchEvent(
        new PointerEvent(`pointer${kind}`, { bubbles: true, pointerType: 'touch', isPrimary: true, pointerId: 1, clientX: x }),
      );
    }
  };
  const status = /** @type {HTMLElement} */ (list.querySelector('chat-list-menu [role=status]'));
  const alert = () => list.querySelector('[role=alert]')?.textContent ?? '';
  return { swipe, status, alert, answers, sent, row, list };
}

async function settled() {
  for (let turn = 0; turn < 20; turn += 1) await null;
}

const offline = () => Promise.reject(Object.assign(new Error('offline'), { code: 'offline' }));

test('a swipe tells what it did when the server has done it, and offers to undo it', async () => {
  const { swipe, status, answers, sent } = await listOfOne();
  equal(status.checkVisibility(), true);
  for (const [by, words, settings] of /** @type {[number, string, object[]][]} */ ([
    [-100, 'Crew is in the archive. Undo', [{ archived: true }, { archived: false }]],
    [100, 'Crew is muted. Undo For how long?', [{ muted: true }, { muted: false }]],
  ])) {
    /** @type {(value?: unknown) => void} */
    let done = () => {};
    answers.push(() => new Promise((resolve) => (done = resolve)));
    swipe(by);
    await settled();
    equal(status.textContent, '');
    done();
    await settled();
    equal(status.textContent, words);
    status.querySelector('button')?.click();
    await settled();
    equal(status.textContent, '');
    equal(sent.splice(0), settings);
  }
});

test('a chat that is muted for a time says until when, and can be muted for another time', async () => {
  const { row, list, sent, swipe, status } = await listOfOne({ muted: true, muted_until: UNTIL });
  const until = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(new Date(UNTIL));
  equal(row.querySelector('.chat-muted')?.textContent?.trim(), `until ${until}`);
  /** @type {HTMLElement | null} */ (row.querySelector('.chat-more'))?.click();
  const menu = list.querySelector('.menu');
  equal(menu.querySelector('.menu-subject').textContent.trim().endsWith('Crew'), true);
  equal(menu.querySelector('summary').textContent, `Muted until ${until}`);
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('button')]);
  equal(['Unmute', 'Pinned messages', 'Files'].map((words) => items.filter((item) => item.textContent === words).length), [1, 1, 1]);
  items.find((item) => item.textContent === 'For 8 hours')?.click();
  equal(sent.map(({ muted, muted_until: at }) => [muted, Math.round((Date.parse(at) - Date.now()) / 3_600_000)]), [[false, 8]]);
  sent.splice(0);
  swipe(100);
  await settled();
  equal(status.textContent, 'Crew is not muted any more. Undo');
  status.querySelector('button')?.click();
  equal(sent, [{ muted: false }, { muted_until: UNTIL }]);
});

test('what failed is told, and not that it was done', async () => {
  for (const act of [
    (/** @type {(by: number) => void} */ swipe) => swipe(-100),
    (/** @type {(by: number) => void} */ swipe) => swipe(100),
    () => setChat('crew', { pinned: true }),
    () => setArchived(crew, true),
  ]) {
    const { swipe, status, alert, answers } = await listOfOne();
    answers.push(offline);
    void act(swipe);
    await settled();
    equal([status.textContent, alert().split('.')[0]], ['', 'You are offline']);
  }
});
