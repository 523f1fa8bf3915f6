/** @import { Upload } from '../../../static/realtime/stored-types.js' */

import { ParleyError } from '../../../static/realtime/both/failure.js';
import { PartSize, transfer } from '../../../static/realtime/both/upload-transfer.js';
import { request } from '../../../static/realtime/worker/requests.js';
import { Uploads } from '../../../static/realtime/worker/uploads.js';
import { equal, test } from './runner.js';

const KB = 1024;

/** A server that takes uploads; `refuse` may throw instead of taking bytes. */
class FakeServer {
  /** @type {Map<string, any>} by id */
  files = new Map();
  /** @type {string[]} */
  log = [];
  /** @type {(start: number, bytes: number) => void} */
  refuse = () => {};
  /** Files that are processed until the test says otherwise. */
  holding = false;

  /** @param {string} _ @param {any} body */
  async post(_, body) {
    const known = [...this.files.values()].find(({ client_id }) => client_id === body.client_id);
    const id = known?.id ?? `file-${this.files.size + 1}`;
    this.log.push(`begin ${id}`);
    if (!known) this.files.set(id, { ...body, id, received: 0, state: 'uploading' });
    return { ...this.files.get(id) };
  }

  /** @param {string} path */
  async get(path) {
    const file = this.files.get(path.split('/')[2]);
    if (!file) throw new ParleyError('not_found');
    if (file.state === 'processing' && !this.holding) file.state = 'ready';
    return { ...file };
  }

  /** @param {string} path */
  async delete(path) {
    this.log.push(`delete ${path.split('/')[2]}`);
    this.files.delete(path.split('/')[2]);
  }

  /** @param {string} path @param {{ bytes: ArrayBuffer, start: number }} part */
  async sendBytes(path, { bytes, start }) {
    await Promise.resolve();
    const file = this.files.get(path.split('/')[2]);
    if (!file) throw new ParleyError('not_found');
    this.refuse(start, bytes.byteLength);
    if (start !== file.received) throw new ParleyError('conflict');
    this.log.push(`${file.id} ${start / KB}+${bytes.byteLength / KB}`);
    file.received += bytes.byteLength;
    if (file.received === file.size) file.state = 'processing';
    return file.received;
  }
}

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

/** @param {FakeServer} server @param {number} size @param {number} ms how long each part takes
 * @param {{ part?: PartSize, client_id?: string }} [more] */
function send(server, size, ms = 0, { part = new PartSize(), client_id = 'c' } = {}) {
  let now = 0;
  /** @type {any} */
  const upload = { client_id, name: 'a', size, voice: null, file: null };
  return transfer(upload, new Blob([new Uint8Array(size)]), {
    http: /** @type {any} */ (server),
    part,
    signal: new AbortController().signal,
    now: () => (now += ms),
    progress: () => {},
  });
}

test('parts grow while the network is quick', async () => {
  const server = new FakeServer();
  await send(server, 2000 * KB);
  equal(server.log, ['begin file-1', 'file-1 0+256', 'file-1 256+512', 'file-1 768+1024', 'file-1 1792+208']);
});

/** A server whose clients may send parts to its storage; `answer` is what the storage does. */
class DirectServer extends FakeServer {
  /** @type {() => void} */
  answer = () => {};
  /** @type {FormData[]} what the storage was sent */
  forms = [];
  #size = 0;

  /** @param {string} path @param {any} body */
  async post(path, body) {
    if (!path.endsWith('/part')) return { ...(await super.post(path, body)), direct: true };
    this.#size = body.size;
    return { url: 'https://files.example/bucket', fields: { key: `part-${body.start / KB}` } };
  }

  /** @param {string} path @param {{ start: number }} part */
  async put(path, { start }) {
    const file = this.files.get(path.split('/')[2]);
    this.log.push(`direct ${start / KB}+${this.#size / KB}`);
    file.received += this.#size;
    if (file.received === file.size) file.state = 'processing';
    return { ...file };
  }

  /** @param {() => Promise<unknown>} work with this storage in place of the network */
  async reached(work) {
    const { fetch } = globalThis;
    globalThis.fetch = async (_, { body } = {}) => {
      this.forms.push(/** @type {FormData} */ (body));
      this.answer();
      return new Response();
    };
    await work().finally(() => (globalThis.fetch = fetch));
  }
}

test('parts go to the storage where the server says so', async () => {
  const server = new DirectServer();
  await server.reached(() => send(server, 600 * KB));
  equal(server.log, ['begin file-1', 'direct 0+256', 'direct 256+344']);
  equal(server.forms.map((form) => [...form.keys()]), [['key', 'file'], ['key', 'file']]);
  equal(server.forms.map((form) => /** @type {File} */ (form.get('file')).size / KB), [256, 344]);
});

test('a storage that cannot be reached is not tried again for the file', async () => {
  const server = new DirectServer();
  server.answer = () => {
    throw new TypeError('Failed to fetch');
  };
  await server.reached(() => send(server, 600 * KB));
  equal(server.log, ['begin file-1', 'file-1 0+256', 'file-1 256+344']);
  equal(server.forms.length, 1);
});

test('a storage that never answers holds up no file', async () => {
  const server = new DirectServer();
  const { timeout } = AbortSignal;
  const part = new PartSize();
  // A network that drops what goes to the storage: the request ends with its time limit.
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms / 1000);
  try {
    await server.reached(async () => {
      const counted = globalThis.fetch;
      globalThis.fetch = async (url, options = {}) => {
        await counted(url, options);
        return new Promise((_, reject) => options.signal?.addEventListener('abort', () => reject(options.signal?.reason)));
      };
      await send(server, 100 * KB, 0, { part });
      await send(server, 100 * KB, 0, { part, client_id: 'd' });
    });
  } finally {
    AbortSignal.timeout = timeout;
  }
  equal(server.log.filter((line) => line.endsWith('0+100')), ['file-1 0+100', 'file-2 0+100']);
  equal(server.forms.length, 1);
});

test('a part that the storage did not take goes to the server', async () => {
  const server = new DirectServer();
  server.put = async () => {
    throw new ParleyError('conflict');
  };
  await server.reached(() => send(server, 100 * KB));
  equal(server.log, ['begin file-1', 'file-1 0+100']);
});

test('parts stay as they are while the network is slow', async () => {
  const server = new FakeServer();
  await send(server, 600 * KB, 1500);
  equal(server.log, ['begin file-1', 'file-1 0+256', 'file-1 256+256', 'file-1 512+88']);
});

test('a part has 64 KiB to 4 MiB', () => {
  const part = new PartSize();
  for (let n = 0; n < 9; n += 1) part.failed();
  equal(part.bytes, 64 * KB);
  for (let n = 0; n < 9; n += 1) part.sent(1);
  equal(part.bytes, 4096 * KB);
});

test('after a conflict the upload goes on where the server says', async () => {
  const server = new FakeServer();
  server.refuse = (start) => {
    if (start !== 0) return;
    // The part arrived; its reply was lost.
    server.files.get('file-1').received = 256 * KB;
    server.refuse = () => {};
  };
  await send(server, 300 * KB);
  equal(server.log, ['begin file-1', 'file-1 256+44']);
});

test('while the server stores another part, the next one waits longer and longer', async () => {
  const server = new FakeServer();
  let refusals = 7;
  server.refuse = () => {
    if (refusals-- > 0) throw new ParleyError('conflict');
  };
  /** @type {unknown[]} */
  const pauses = [];
  const { setTimeout } = globalThis;
  Object.assign(globalThis, {
    setTimeout: (/** @type {() => void} */ body, /** @type {number} */ ms) => {
      if (ms > 5000) return setTimeout(body, ms);
      pauses.push(ms);
      return setTimeout(body);
    },
  });
  await send(server, 300 * KB).finally(() => Object.assign(globalThis, { setTimeout }));
  equal(pauses.slice(0, 7), [200, 400, 800, 1600, 3200, 5000, 5000]);
  equal(server.log, ['begin file-1', 'file-1 0+256', 'file-1 256+44']);
});

test('a file that the server cannot store fails, and says why', async () => {
  const server = new FakeServer();
  const codes = [];
  for (const problem of ['failed', 'no_picture']) {
    server.get = async () => ({ state: 'failed', problem });
    codes.push(await send(server, 10).then(() => '', ({ code }) => code));
  }
  equal(codes, ['unusable', 'no_picture']);
});

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
