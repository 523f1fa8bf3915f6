import { ParleyError } from '../../../static/realtime/both/failure.js';
import { PartSize, transfer } from '../../../static/realtime/both/upload-transfer.js';
import { FakeServer, KB } from './fake-upload-server.js';
import { equal, test } from './runner.js';

/** @param {FakeServer} server @param {number} size @param {number} ms how long each part takes
 * @param {{ part?: PartSize, client_id?: string, signal?: AbortSignal }} [more] */
function send(server, size, ms = 0, { part = new PartSize(), client_id = 'c', signal = new AbortController().signal } = {}) {
  let now = 0;
  /** @type {any} */
  const upload = { client_id, name: 'a', size, voice: null, file: null };
  return transfer(upload, new Blob([new Uint8Array(size)]), {
    http: /** @type {any} */ (server),
    part,
    signal,
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

test('an upload that is given up during a request asks no more', async () => {
  const server = new FakeServer();
  const upload = new AbortController();
  let requests = 0;
  server.get = async () => {
    requests += 1;
    upload.abort(new ParleyError('offline'));
    return { state: requests < 3 ? 'processing' : 'ready' };
  };
  const outcome = await send(server, 10, 0, { signal: upload.signal }).then(() => 'ready', ({ code }) => code);
  equal([outcome, requests], ['offline', 1]);
});
