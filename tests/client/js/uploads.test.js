/** @import { Upload } from '../../../static/realtime/stored-types.js' */

import { ParleyError } from '../../../static/realtime/both/failure.js';
import { request } from '../../../static/realtime/worker/requests.js';
import { Uploads } from '../../../static/realtime/worker/uploads.js';
import { FakeServer, KB } from './fake-upload-server.js';
import { equal, test } from './runner.js';

/** A local store in memory. */
class FakeStore {
  /** @type {Map<string, Upload>} */
  uploads = new Map();
  /** @type {Map<string, Blob>} */
  blobs = new Map();
  isFull = false;

  /** @param {Upload} upload @param {Blob} blob */
  async addUpload(upload, blob) {
    if (this.isFull) throw new DOMException('No space', 'QuotaExceededError');
    this.uploads.set(upload.id, upload);
    this.blobs.set(upload.id, blob);
  }

  /** @param {Upload} upload */
  async updateUpload(upload) {
    if (this.uploads.has(upload.id)) this.uploads.set(upload.id, upload);
  }

  /** @param {string[]} ids */
  async removeUploads(ids) {
    for (const id of ids) this.uploads.delete(id);
  }

  /** @param {string} id */
  async blob(id) {
    return this.blobs.get(id);
  }
}

/** @param {string} id @param {number} [size] */
const chosen = (id, size = 10) =>
  ({ id, blob: new Blob([new Uint8Array(size)]), kind: /** @type {const} */ ('file'), name: id, width: 0, height: 0, voice: null });

/** @param {{ store?: FakeStore, server?: FakeServer }} [parts] */
function make({ store = new FakeStore(), server = new FakeServer() } = {}) {
  const state = { open: true, sent: /** @type {string[]} */ ([]), shown: 0 };
  const uploads = new Uploads(/** @type {any} */ (store), {
    http: /** @type {any} */ (server),
    open: () => state.open,
    isSent: (id) => state.sent.includes(id),
    changed: () => (state.shown += 1),
    stored: () => {},
  });
  uploads.setLeading(true);
  return { store, server, state, uploads };
}

/** Wait until a condition holds. @param {() => unknown} condition */
async function until(condition) {
  for (const end = performance.now() + 5000; !condition(); ) {
    if (performance.now() > end) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** @param {Uploads} uploads @param {string} id */
const stateOf = (uploads, id) => uploads.views([id])[0]?.state;

test('a file is stored, uploaded and ready', async () => {
  const { uploads, store, server } = make();
  await uploads.add('chat', [chosen('one')]);
  equal([...store.uploads.keys()], ['one']);
  await until(() => stateOf(uploads, 'one') === 'ready');
  equal(uploads.readiness(['one']), 'ready');
  equal(uploads.fileIds(['one']), ['file-1']);
  equal(server.files.get('file-1').size, 10);
});

test('a picture that the server refused is sent as it is, when the person wants that', async () => {
  const { uploads, server, store } = make();
  server.holding = true;
  await uploads.add('chat', [{ ...chosen('one'), kind: 'image' }, chosen('two')]);
  await until(() => stateOf(uploads, 'one') === 'processing' && stateOf(uploads, 'two') === 'processing');
  await uploads.sendAsFile('one'); // not while the server has not refused it
  Object.assign(server.files.get('file-1'), { state: 'failed', problem: 'too_many_pixels' });
  Object.assign(server.files.get('file-2'), { state: 'failed', problem: 'failed' });
  await until(() => stateOf(uploads, 'one') === 'failed' && stateOf(uploads, 'two') === 'failed');
  equal(uploads.views(['one', 'two']).map(({ canBeFile }) => canBeFile), [true, false]);
  server.holding = false;
  await Promise.all(['one', 'two'].map((id) => uploads.sendAsFile(id)));
  await until(() => stateOf(uploads, 'one') === 'ready');
  equal(server.files.get('file-3').as_file, true);
  equal(uploads.views(['one', 'two']).map(({ kind, state }) => [kind, state]), [['file', 'ready'], ['file', 'failed']]);
  // Also after a reload, should the server lose it.
  equal(store.uploads.get('one')?.asFile, true);
});

test('adding a file again changes nothing, also after it was removed', async () => {
  const { uploads } = make();
  await uploads.add('chat', [chosen('one')]);
  await uploads.add('chat', [chosen('one')]);
  equal(uploads.size, 1);
  await uploads.remove('one');
  await uploads.add('chat', [chosen('one')]);
  equal(uploads.size, 0);
});

test('two files are sent at once; one that is only processed is not counted', async () => {
  const { uploads, server } = make();
  server.holding = true;
  /** @type {(() => void)[]} */
  const waiting = [];
  const take = server.sendBytes.bind(server);
  server.sendBytes = async (path, part) => {
    await new Promise((resolve) => waiting.push(() => resolve(null)));
    return take(path, part);
  };
  await uploads.add('chat', ['one', 'two', 'three'].map((id) => chosen(id)));
  await until(() => waiting.length === 2);
  equal(['one', 'two', 'three'].map((id) => stateOf(uploads, id)), ['uploading', 'uploading', 'waiting']);
  waiting[0]();
  await until(() => waiting.length === 3);
  equal(['one', 'two', 'three'].map((id) => stateOf(uploads, id)), ['processing', 'uploading', 'uploading']);
});

test('files of messages are sent before those of drafts', async () => {
  const { uploads, server, state } = make();
  state.open = false;
  await uploads.add('chat', ['one', 'two', 'three'].map((id) => chosen(id)));
  state.sent = ['three'];
  state.open = true;
  uploads.retryNow();
  await until(() => server.log.length > 1);
  equal(server.files.get('file-1').name, 'three');
});

test('an upload goes on with the next owner, on the same file of the server', async () => {
  const { uploads, server, store } = make();
  server.refuse = (start) => {
    if (start) throw new ParleyError('offline');
  };
  await uploads.add('chat', [chosen('one', 300 * KB)]);
  await until(() => server.log.length === 2);
  await until(() => store.uploads.get('one')?.file);
  uploads.setLeading(false);
  server.refuse = () => {};
  const next = make({ server, store: Object.assign(new FakeStore(), store) }).uploads;
  next.beforeRead();
  next.restore([...store.uploads.values()]);
  await until(() => stateOf(next, 'one') === 'ready');
  equal(server.log, ['begin file-1', 'file-1 0+256', 'file-1 256+44']);
});

test('a refused file fails with the reason, and is tried again on request', async () => {
  const { uploads, server } = make();
  const { post } = server;
  server.post = async () => {
    throw new ParleyError('storage_full');
  };
  await uploads.add('chat', [chosen('one')]);
  await until(() => stateOf(uploads, 'one') === 'failed');
  equal(uploads.readiness(['one']), { code: 'storage_full', detail: '', retryAfter: null });
  server.post = post;
  await uploads.retry('one');
  await until(() => stateOf(uploads, 'one') === 'ready');
});

test('a file that the server has lost is uploaded again, once', async () => {
  const { uploads, server } = make();
  await uploads.add('chat', [chosen('one')]);
  await until(() => stateOf(uploads, 'one') === 'ready');
  server.files.clear();
  equal(uploads.uploadAgain(['one']), true);
  equal(uploads.readiness(['one']), 'waiting');
  await until(() => stateOf(uploads, 'one') === 'ready');
  equal(server.files.size, 1);
  equal(uploads.uploadAgain(['one']), false);
});

test('a file that the server has lost twice is uploaded again on request, and from the draft', async () => {
  const { uploads, server } = make();
  await uploads.add('chat', [chosen('one')]);
  await until(() => stateOf(uploads, 'one') === 'ready');
  uploads.uploadAgain(['one']);
  await until(() => stateOf(uploads, 'one') === 'ready');
  await uploads.retry('one');
  equal(server.log.filter((line) => line.startsWith('begin')).length, 2);
  server.files.clear();
  await uploads.retry('one', true);
  await until(() => stateOf(uploads, 'one') === 'ready');
  equal(server.files.size, 1);
  equal(uploads.uploadAgain(['one']), true);
  await until(() => stateOf(uploads, 'one') === 'ready');
  equal(uploads.uploadAgain(['one']), false);
  await uploads.returned(['one'], null);
  equal(uploads.uploadAgain(['one']), true);
});

test('a removed file is deleted from the server, and its upload ends', async () => {
  const { uploads, server, store } = make();
  server.holding = true;
  await uploads.add('chat', [chosen('one')]);
  await until(() => stateOf(uploads, 'one') === 'processing');
  await uploads.remove('one');
  equal(server.log.at(-1), 'delete file-1');
  equal([uploads.size, store.uploads.size], [0, 0]);
  equal(uploads.readiness(['one']), { code: 'file_gone', detail: '', retryAfter: null });
});

test('a file that the server has is ready at once, and stays there when it is removed', async () => {
  const { uploads, server, store } = make();
  const existing = { ...chosen('one'), file: 'file-9', type: 'text/plain', size: 10 };
  const { blob: _, voice: __, ...kept } = existing;
  await uploads.add('chat', [kept, { ...kept, id: 'two' }]);
  equal([...store.uploads.keys()], ['one', 'two']);
  equal([uploads.readiness(['one']), uploads.fileIds(['one'])], ['ready', ['file-9']]);
  await uploads.retry('one', true);
  equal(uploads.uploadAgain(['one']), false);
  await uploads.remove('one');
  equal([server.log, [...store.uploads.keys()]], [[], ['two']]);
});

test('files of a scheduled message leave the draft, and stay on the server', async () => {
  const { uploads, server, store } = make();
  await uploads.add('chat', [chosen('one')]);
  await until(() => stateOf(uploads, 'one') === 'ready');
  await uploads.taken(['one']);
  equal([uploads.ofDraft('chat'), store.uploads.size, server.files.size], [[], 0, 1]);
});

test('a file that was sent while its message was being scheduled stays with what was sent', async () => {
  const { uploads } = make();
  await uploads.add('chat', [chosen('one'), chosen('two')]);
  await until(() => uploads.readiness(['one', 'two']) === 'ready');
  /** @type {any[]} */
  const asked = [];
  let sent = '';
  const owner = {
    uploads,
    outbox: { withFile: (/** @type {string} */ id) => (id === sent ? {} : undefined) },
    http: {
      post: async (/** @type {string} */ _, /** @type {any} */ body) => {
        asked.push(body.files);
        sent = 'one';
      },
    },
  };
  await request(/** @type {any} */ (owner), 'schedule', [{ chat: 'chat', text: '', uploads: ['one', 'two'] }]);
  equal([asked, uploads.has('one'), uploads.has('two')], [[['file-1', 'file-2']], true, false]);
});

test('on a full device a file is uploaded from memory', async () => {
  const { uploads, store, state } = make();
  uploads.setLeading(false);
  store.isFull = true;
  await uploads.add('chat', [chosen('one')]);
  equal(uploads.ofDraft('chat').map(({ stored }) => stored), [false]);
  await until(() => stateOf(uploads, 'one') === 'ready');
  equal(state.shown > 0, true);
});

test('an owner that does not lead leaves stored files to the leader', async () => {
  const { uploads, server } = make();
  uploads.setLeading(false);
  await uploads.add('chat', [chosen('one')]);
  equal([stateOf(uploads, 'one'), server.log], ['waiting', []]);
  uploads.setLeading(true);
  await until(() => stateOf(uploads, 'one') === 'ready');
});

test('what another owner removed ends here, too', async () => {
  const { uploads, server } = make();
  server.holding = true;
  await uploads.add('chat', [chosen('one')]);
  await until(() => stateOf(uploads, 'one') === 'processing');
  await until(() => !uploads.isUnstored('one'));
  uploads.beforeRead();
  uploads.restore([]);
  equal(uploads.has('one'), false);
});

test('files belong to the draft of their chat until a message has them', async () => {
  const { uploads, state } = make();
  await uploads.add('chat', [chosen('one'), chosen('two')]);
  await uploads.add('other', [chosen('three')]);
  state.sent = ['one'];
  equal(uploads.ofDraft('chat').map(({ upload }) => upload), ['two']);
});

test('a file of a thread is in the draft of that thread, and goes where the text goes that returns', async () => {
  const { uploads, store } = make();
  await uploads.add('chat', [chosen('one')]);
  await uploads.add('chat', [chosen('two')], 7);
  const ids = () => [uploads.ofDraft('chat'), ...Object.values(uploads.ofThreads('chat'))].map((files) => files.map(({ upload }) => upload));
  equal(ids(), [['one'], ['two']]);
  equal(Object.keys(uploads.ofThreads('chat')), ['7']);
  await uploads.returned(['two'], null);
  equal([ids(), store.uploads.get('two')?.thread], [[['one', 'two']], null]);
  await uploads.returned(['one', 'two'], 7);
  equal(ids(), [[], ['one', 'two']]);
  uploads.forgetDraft('chat');
  equal(uploads.size, 0);
});
