import { MessageSender } from '../../../static/realtime/worker/message-sender.js';
import { Uploads } from '../../../static/realtime/worker/uploads.js';
import { equal, test } from './runner.js';

/** A sender whose owner holds some files; `queued` has the files of each queued message. */
async function make() {
  const store = { addUpload: async () => {}, updateUpload: async () => {}, removeUploads: async () => {} };
  const uploads = new Uploads(/** @type {any} */ (store), {
    http: /** @type {any} */ ({}),
    open: () => false,
    isSent: () => false,
    changed: () => {},
    stored: () => {},
  });
  const one = { kind: /** @type {const} */ ('file'), name: 'a', width: 0, height: 0, voice: null };
  await uploads.add('chat', ['held', 'removed'].map((id) => ({ ...one, id, blob: new Blob(['a']) })));
  await uploads.remove('removed');
  /** @type {string[][]} */
  const queued = [];
  const outbox = {
    has: () => false,
    isUnstored: () => false,
    withFile: (/** @type {string} */ id) => (id === 'sent' ? {} : undefined),
    add: async (/** @type {string} */ _, /** @type {{ files: string[] }} */ { files }) => {
      queued.push(files);
      added.push(files.every((id) => uploads.has(id)));
    },
  };
  /** Whether the files of a message were there when it was queued. @type {boolean[]} */
  const added = [];
  const draft = { text: '', reply: null };
  const drafts = {
    sent: () => Object.assign(draft, { text: '' }),
    stored: () => draft,
    of: () => draft,
    save: async (/** @type {string} */ _, /** @type {object} */ now) => void Object.assign(draft, now),
  };
  const owner = { restored: Promise.resolve(), outbox, uploads, model: { chats: new Map() }, typing: { sent() {} }, drafts, lifecycle: {} };
  const sender = new MessageSender(/** @type {any} */ (owner));
  /** @param {string[]} files @param {boolean} [again] */
  const send = (files, again = false) =>
    sender.queue('chat', { text: 'look', quote: null, client_id: 'c', files }, again);
  /** @param {string[]} files @param {boolean} [again] */
  const reply = (files, again = false) =>
    sender.queue('chat', { text: 'look', quote: null, client_id: 'c', files, isApart: true }, again);
  const use = { id: 'use', file: 'file', kind: /** @type {const} */ ('file'), name: 'a', type: '', size: 1, width: 0, height: 0 };
  const apart = () =>
    sender.queueApart('chat', { text: 'look', quote: null, client_id: 'c', existing: [use] });
  return { send, reply, apart, queued, added, draft };
}

test('a message goes without the files that were removed, or sent with another one', async () => {
  const { send, queued } = await make();
  await send(['held', 'removed', 'sent']);
  equal(queued, [['held']]);
});

test('a message with a file that nobody has is refused', async () => {
  const { send, queued } = await make();
  equal(await send(['held', 'lost']).then(() => '', ({ code }) => code), 'file_gone');
  equal(queued, []);
});

test('a forwarded message leaves the draft alone, and is queued once', async () => {
  const { apart, queued, added, draft } = await make();
  draft.text = 'typed before';
  await apart();
  equal([queued, draft.text], [[['use']], 'typed before']);
  // Shown with its message from the first moment on.
  equal(added, [true]);
});

test('the text of a refused message returns to the draft when its page may be gone', async () => {
  const { send, draft } = await make();
  await send(['lost']).catch(() => {});
  equal(draft.text, '');
  draft.text = 'typed since';
  for (let n = 0; n < 2; n += 1) await send(['lost'], true).catch(() => {});
  equal(draft.text, 'look\ntyped since');
});

test('a reply that was written in its thread leaves the draft of the chat alone, with its files', async () => {
  const { reply, queued, draft } = await make();
  draft.text = 'typed in the chat';
  await reply(['held', 'removed']);
  equal([queued, draft.text], [[['held']], 'typed in the chat']);
  await reply(['lost'], true).catch(() => {});
  equal(draft.text, 'typed in the chat');
});
