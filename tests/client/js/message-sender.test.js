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
    add: async (/** @type {string} */ _, /** @type {{ files: string[] }} */ { files }) => void queued.push(files),
  };
  const owner = { restored: Promise.resolve(), outbox, uploads, model: {}, typing: { sent() {} }, drafts: { sent() {} } };
  const sender = new MessageSender(/** @type {any} */ (owner));
  /** @param {string[]} files */
  const send = (files) => sender.queue('chat', { text: 'look', quote: null, client_id: 'c', files }, false);
  return { send, queued };
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
