/** @import { Failure } from '../../../static/realtime/contract.js' */

import { ParleyError } from '../../../static/realtime/both/failure.js';
import { Outbox } from '../../../static/realtime/worker/outbox.js';
import { equal, test } from './runner.js';

/** An outbox of which the test says how far the files are, and what the server replies. */
function make() {
  /** @type {string[]} */
  const sent = [];
  /** What was removed from the database, messages and files. @type {string[][]} */
  const removed = [];
  /** @type {Map<string, 'ready' | 'waiting' | Failure>} */
  const files = new Map();
  /** @type {string[]} */
  const again = [];
  /** @type {string[]} */
  const returned = [];
  /** Files that only this owner has. @type {Set<string>} */
  const unstored = new Set();
  const state = { code: '', isOpen: true, mayUploadAgain: true };
  const store = {
    queue: async () => {},
    update: async () => {},
    remove: async (/** @type {string[]} */ ids, /** @type {string[]} */ uploads) => {
      removed.push([...ids, ...uploads]);
    },
  };
  const outbox = new Outbox(/** @type {any} */ (store), {
    open: () => state.isOpen,
    send: async ({ client_id }) => {
      sent.push(client_id);
      if (state.code) throw new ParleyError(/** @type {any} */ (state.code));
      return { seq: 1, rev: 1, at: '' };
    },
    hasApplied: () => true,
    files: {
      readiness: (ids) => {
        const all = ids.map((id) => files.get(id) ?? 'ready');
        return all.find((one) => typeof one === 'object') ?? all.find((one) => one === 'waiting') ?? 'ready';
      },
      isUnstored: (id) => unstored.has(id),
      uploadAgain: (ids) => {
        if (!state.mayUploadAgain) return false;
        for (const id of ids) files.set(id, 'waiting');
        again.push(...ids);
        return true;
      },
      retry: async (id, isGone) => {
        files.set(id, 'ready');
        if (isGone) again.push(`${id}, gone`);
      },
      returned: async (ids) => void returned.push(...ids),
      forget: () => {},
    },
    isMixed: () => false,
    changed: () => {},
    stored: () => {},
  });
  outbox.setLeading(true);
  /** @param {string} client_id @param {string[]} [ids] @param {string} [chat] @param {string} [text] */
  const add = (client_id, ids = [], chat = 'chat', text = 'hello') =>
    outbox.add(chat, { client_id, text, quote: null, files: ids, rest: /** @type {any} */ ({}) });
  return { outbox, add, files, sent, removed, again, returned, unstored, state };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));
const FULL = /** @type {Failure} */ ({ code: 'storage_full', detail: '', retryAfter: null });

test('a message waits for its files, and the next one of its chat for the message', async () => {
  const { outbox, add, files, sent } = make();
  files.set('a', 'waiting');
  await add('one', ['a', 'b']);
  await add('two');
  await add('other', [], 'another chat');
  await turn();
  equal(sent, ['other']);
  files.set('a', 'ready');
  outbox.sendNext();
  await turn();
  equal(sent, ['other', 'one', 'two']);
});

test('a message whose file failed is refused, and blocks nothing', async () => {
  const { outbox, add, files, sent, state } = make();
  files.set('a', FULL);
  state.isOpen = false;
  await add('one', ['a']);
  await add('two');
  state.isOpen = true;
  outbox.sendNext();
  await turn();
  equal(sent, ['two']);
  equal(outbox.of('chat').map(({ client_id, state, failure }) => [client_id, state, failure?.code]), [
    ['one', 'refused', 'storage_full'],
  ]);
  await outbox.retry('one');
  await turn();
  equal(sent, ['two', 'one']);
});

test('files leave the database together with the message that arrived', async () => {
  const { outbox, add, files, removed } = make();
  await add('one', ['a', 'b']);
  await turn();
  equal(removed, [['one', 'a', 'b']]);
  files.set('c', 'waiting');
  await add('two', ['c']);
  await outbox.discard('two');
  equal(removed, [['one', 'a', 'b'], ['two']]);
});

test('a message that waits for a moderator leaves with its files, and blocks nothing', async () => {
  const { outbox, add, removed, state } = make();
  state.code = 'held';
  await add('one', ['a']);
  await turn();
  state.code = '';
  await add('two');
  await turn();
  equal(removed, [['one', 'a'], ['two']]);
  equal(outbox.of('chat'), []);
});

test('files that the server has lost are uploaded again before the message is refused', async () => {
  const { outbox, add, files, sent, again, state } = make();
  state.code = 'file_gone';
  await add('one', ['a']);
  await turn();
  equal([again, outbox.of('chat')[0].state], [['a'], 'pending']);
  state.mayUploadAgain = false;
  files.set('a', 'ready');
  outbox.sendNext();
  await turn();
  equal([sent, outbox.of('chat')[0].state], [['one', 'one'], 'refused']);
});

test('files that the server has lost twice are uploaded once more on request, or from the draft', async () => {
  const { outbox, add, sent, again, returned, state } = make();
  Object.assign(state, { code: 'file_gone', mayUploadAgain: false });
  await add('one', ['a']);
  await add('two', ['b'], 'another chat');
  await turn();
  equal(outbox.of('chat')[0].state, 'refused');
  state.code = '';
  await outbox.retry('one');
  await turn();
  equal([sent, again], [['one', 'two', 'one'], ['a, gone']]);
  await outbox.discard('two');
  equal(returned, ['b']);
});

test('ready files of a message that was refused for another reason stay on the server', async () => {
  const { outbox, add, again, state } = make();
  state.code = 'not_contacts';
  await add('one', ['a']);
  await turn();
  state.code = '';
  await outbox.retry('one');
  equal(again, []);
});

test('a file can be removed from a message that waits for it', async () => {
  const { outbox, add, files, sent } = make();
  files.set('a', 'waiting');
  await add('one', ['a']);
  await add('two', ['a'], 'another chat', '');
  await outbox.removeFile('a');
  await outbox.removeFile('a');
  outbox.sendNext();
  await turn();
  equal(sent, ['one']);
  equal([outbox.of('chat'), outbox.of('another chat')], [[], []]);
});

test('a message is sent again when the last file that failed is removed from it', async () => {
  const { outbox, add, files, sent } = make();
  files.set('a', FULL);
  files.set('b', FULL);
  await add('one', ['a', 'b', 'c']);
  await turn();
  await outbox.removeFile('a');
  outbox.sendNext();
  await turn();
  equal([sent, outbox.of('chat')[0].state], [[], 'refused']);
  await outbox.removeFile('b');
  outbox.sendNext();
  await turn();
  equal([sent, outbox.of('chat')], [['one'], []]);
});

test('a message that was refused for another reason is not sent again without a file', async () => {
  const { outbox, add, sent, state } = make();
  state.code = 'not_contacts';
  await add('one', ['a', 'b']);
  await turn();
  await outbox.removeFile('a');
  outbox.sendNext();
  await turn();
  equal([sent, outbox.of('chat')[0].state], [['one'], 'refused']);
});

test('a message that may have been sent keeps its files', async () => {
  const { outbox, add, state } = make();
  state.code = 'offline';
  await add('one', ['a']);
  await turn();
  equal(await outbox.removeFile('a').catch(({ code }) => code), 'conflict');
  equal(await outbox.removeFile('unknown').catch(({ code }) => code), 'not_found');
});

test('an owner that does not lead sends what the leader finds without its file', async () => {
  const { outbox, add, files, sent, unstored } = make();
  outbox.setLeading(false);
  unstored.add('a');
  files.set('a', 'waiting');
  await add('one', ['a']);
  await add('two', ['stored'], 'another chat');
  // The leader refused the message, because it knows no such file.
  const failure = /** @type {Failure} */ ({ code: 'file_gone', detail: '', retryAfter: null });
  outbox.beforeRead();
  outbox.restore(outbox.of('chat').map((entry) => ({ ...entry, state: 'refused', failure })));
  files.set('a', 'ready');
  outbox.sendNext();
  await turn();
  equal(sent, ['one']);
});
