import { PEOPLE, deleteCaches } from '../../../static/realtime/both/cache-databases.js';
import { Files } from '../../../static/realtime/worker/files.js';
import { ChatStream } from '../../../static/realtime/worker/chat-stream.js';
import { Changes, Model } from '../../../static/realtime/worker/model.js';
import { Lifecycle } from '../../../static/realtime/worker/lifecycle.js';
import { FileStore } from '../../../static/realtime/worker/store/file-store.js';
import { equal, test } from './runner.js';

let stores = 0;

/** @param {number} seq @param {string} [chat] */
const key = (seq, chat = 'chat') => ({ chat, seq, file: `file-${seq}`, variant: 'full' });
/** @param {string} text */
const blob = (text) => new Blob([text], { type: 'text/plain' });
/** @param {Promise<Blob | null>} content */
const textOf = async (content) => (await content)?.text() ?? null;

/** An owner of a new person in some chats, and the requests that it made. @param {object} [more] */
function ownerOf(more = {}) {
  /** @type {string[]} */
  const requests = [];
  const owner = {
    lifecycle: { ready: Promise.resolve() },
    model: Object.assign(new Model(`person-${++stores}`), { chats: new Map([['chat', { id: 'chat', chat: {} }]]) }),
    cacheWriter: { isStopped: false },
    leadership: { isLeading: true },
    http: {
      /** @param {string} path */
      bytes: async (path) => {
        requests.push(path);
        await new Promise((resolve) => setTimeout(resolve, 10));
        return blob(path);
      },
    },
    ...more,
  };
  return { owner, requests, files: new Files(/** @type {any} */ (owner)) };
}

/** As `ownerOf`. The response for file 1 comes with `arrive()`; `asked`: it was requested. */
function slowOwner() {
  const [asked, arrived] = [Promise.withResolvers(), Promise.withResolvers()];
  const http = {
    /** @param {string} path */
    bytes: async (path) => {
      if (path.includes('file-1')) {
        asked.resolve(null);
        await arrived.promise;
      }
      return blob(path);
    },
  };
  return { ...ownerOf({ http }), asked: asked.promise, arrive: () => arrived.resolve(null) };
}

/** @param {string} person @param {number} seq */
const storedText = (person, seq) => textOf(new FileStore(person, 1000).get(key(seq)));

test('the least recently used go first', async () => {
  const store = new FileStore(`person-${++stores}`, 100);
  for (const seq of [1, 2, 3, 4]) {
    await store.put(key(seq), blob('x'.repeat(25)));
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  await store.get(key(1));
  await store.put(key(5), blob('y'.repeat(25)));
  equal((await textOf(store.get(key(1))))?.length, 25);
  equal(await textOf(store.get(key(2))), null);
  equal((await textOf(store.get(key(5))))?.length, 25);
  await store.put(key(6), blob('z'.repeat(26)));
  equal(await textOf(store.get(key(6))), null);
});

test('what is stored is there for another owner', async () => {
  const person = `person-${++stores}`;
  await new FileStore(person, 1000).put(key(1), blob('words'));
  equal(await storedText(person, 1), 'words');
});

/** Start an owner that has a chat in its cache, or else none. @param {string | null} epoch */
async function started(epoch) {
  const { files, owner } = ownerOf();
  Object.assign(owner.model, { epoch });
  const store = new FileStore(owner.model.person, 1000);
  const keys = [key(1), key(2, 'left'), key(3, 'people')];
  for (const one of keys) await store.put(one, blob('words'));
  let cleaned = Promise.resolve();
  const nothing = () => {};
  const lifecycle = new Lifecycle(/** @type {any} */ ({
    ...owner,
    files: { clean: () => (cleaned = files.clean()) },
    cacheWriter: { open: async () => {} },
    leadership: { isLeading: true, request: async () => true },
    connection: { start: nothing },
    connectionHandler: { release: nothing },
    receipts: { restore: nothing },
    outbox: { setLeading: nothing },
    uploads: { setLeading: nothing },
    listKnown: nothing,
  }));
  lifecycle.start();
  await lifecycle.ready;
  await cleaned;
  const next = new FileStore(owner.model.person, 1000);
  return Promise.all(keys.map((one) => textOf(next.get(one))));
}

test('a start deletes the files of chats that were left before', async () => {
  equal(await started('epoch'), ['words', null, 'words']);
});

test('a start without a cache deletes no files', async () => {
  equal(await started(null), ['words', 'words', 'words']);
});

test('one request for two tabs, and none when it is stored', async () => {
  const { files, requests } = ownerOf();
  const [one, two] = await Promise.all([files.content(key(1)), files.content(key(1))]);
  equal(one === two, true);
  await files.content(key(1));
  equal(requests, ['/files/file-1/content/full']);
});

test('the files of a deleted message and of a left chat are deleted', async () => {
  const { files, owner } = ownerOf();
  owner.model.chats.set('other', { id: 'other', chat: {} });
  for (const seq of [1, 2]) await files.content(key(seq));
  await files.content(key(3, 'other'));
  const changes = new Changes();
  changes.message('chat', /** @type {any} */ ({ seq: 1, deleted: true }));
  changes.message('chat', /** @type {any} */ ({ seq: 2, edited_at: 'now' }));
  await files.changed(changes);
  equal(await storedText(owner.model.person, 1), null);
  equal((await storedText(owner.model.person, 2)) !== null, true);
  owner.model.chats.delete('other');
  const left = new Changes();
  left.left.add('other');
  await files.changed(left);
  equal(await textOf(new FileStore(owner.model.person, 1000).get(key(3, 'other'))), null);
  equal((await storedText(owner.model.person, 2)) !== null, true);
});

test('a file that arrives after its message was deleted is neither shown nor stored', async () => {
  const { files, owner, asked, arrive } = slowOwner();
  const loading = files.content(key(1)).then(() => 'shown', ({ code }) => code);
  await asked;
  const changes = new Changes();
  changes.message('chat', /** @type {any} */ ({ seq: 1, deleted: true }));
  await files.changed(changes);
  arrive();
  equal(await loading, 'not_found');
  equal(await storedText(owner.model.person, 1), null);
});

test('a message that is deleted while its file is stored leaves nothing', async () => {
  const changes = new Changes();
  changes.message('chat', /** @type {any} */ ({ seq: 1, deleted: true }));
  /** @type {Promise<void> | null} */
  let deleting = null;
  const leadership = {
    // Asked just before the file is stored.
    get isLeading() {
      deleting = files.changed(changes);
      return true;
    },
  };
  const { files, owner } = ownerOf({ leadership });
  equal(await files.content(key(1)).then(() => 'shown', ({ code }) => code), 'not_found');
  await deleting;
  equal(await storedText(owner.model.person, 1), null);
});

test('a file that arrives after another tab deleted the database is not stored', async () => {
  const { files, owner, asked, arrive } = slowOwner();
  await files.content(key(2));
  const loading = files.content(key(1)).then(() => 'shown', ({ code }) => code);
  await asked;
  await deleteCaches();
  arrive();
  equal(await loading, 'not_found');
  equal(await storedText(owner.model.person, 1), null);
});

test('nothing is fetched of a chat that is not the person’s', async () => {
  const { files, requests } = ownerOf();
  equal(await files.content(key(1, 'strange')).then(() => 'shown', ({ code }) => code), 'not_found');
  equal(requests, []);
});

test('an owner that does not lead stores nothing', async () => {
  const { files, owner } = ownerOf({ leadership: { isLeading: false } });
  await files.content(key(1));
  equal(await storedText(owner.model.person, 1), null);
});

test('when everything held was replaced, every file goes', async () => {
  const { files, owner } = ownerOf();
  await files.content(key(1));
  await files.changed(Object.assign(new Changes(), { wiped: true }));
  equal(await storedText(owner.model.person, 1), null);
});

test('a picture that is on its way arrives when everything held is replaced', async () => {
  const { files, owner, requests } = ownerOf();
  const loading = [files.content(key(1)), files.content(key(3, PEOPLE))];
  await new Promise((resolve) => setTimeout(resolve, 5));
  await files.changed(Object.assign(new Changes(), { wiped: true }));
  const outcomes = await Promise.allSettled(loading);
  equal(outcomes.map(({ status }) => status), ['fulfilled', 'fulfilled']);
  // The server is asked again whether they may have it.
  await files.content(key(1));
  equal(requests.filter((path) => path.includes('file-1')).length, 2);
  equal((await storedText(owner.model.person, 1)) !== null, true);
});

test('the picture that a person had before is deleted, also of a deleted account', async () => {
  const { files, owner, requests } = ownerOf();
  /** @param {string} id @param {string | null} picture @param {string} [username] */
  const person = (id, picture, username = id) => /** @type {any} */ ({ id, username, name: id, picture });
  /** @param {string} file */
  const shown = (file) => files.content({ chat: PEOPLE, seq: 0, file, variant: 'thumbnail' });
  owner.model.addPeople(person('bob', 'b1'), person('charlie', 'c1'), person('dana', 'd1'));
  for (const file of ['b1', 'c1', 'd1']) await shown(file);
  owner.model.addPeople(person('bob', 'b2'), person('charlie', null, ''), person('dana', 'd1'));
  await files.changed(new Changes());
  const store = new FileStore(owner.model.person, 1000);
  const texts = ['b1', 'c1', 'd1'].map((file) => textOf(store.get({ chat: PEOPLE, seq: 0, file, variant: 'thumbnail' })));
  equal(await Promise.all(texts), [null, null, '/files/d1/content/thumbnail']);
  equal(requests.length, 3);
});

test('a picture that an older copy of a person lacks stays', async () => {
  const { files, owner, requests } = ownerOf();
  const bob = /** @type {any} */ ({ id: 'bob', username: 'bob', name: 'Bob', picture: 'new' });
  const at = { chat: PEOPLE, seq: 0, file: 'new', variant: 'thumbnail' };
  await files.content(at);
  owner.model.addPeople(bob, { ...bob, picture: 'old' }, bob);
  await files.changed(new Changes());
  await files.content(at);
  equal(requests.length, 1);
});

test('the picture that a group had before is deleted, and nothing else of it', async () => {
  const { files, owner } = ownerOf();
  const record = /** @type {any} */ ({ id: 'chat', chat: { title: 'Lunch', picture: 'g1' } });
  owner.model.chats.set('chat', record);
  const at = { chat: 'chat', seq: 0, file: 'g1', variant: 'thumbnail' };
  await files.content(at);
  await files.content(key(1));
  const stream = new ChatStream(/** @type {any} */ (owner));
  const changes = new Changes();
  stream.apply(record, /** @type {any} */ ({ type: 'title', title: 'Lunch', picture: 'g2' }), changes);
  await files.changed(changes);
  equal(await textOf(new FileStore(owner.model.person, 1000).get(at)), null);
  equal((await storedText(owner.model.person, 1)) !== null, true);
});

test('a sign-out deletes the files of all people, a start those of others', async () => {
  await new FileStore('mine', 1000).put(key(1), blob('mine'));
  await new FileStore('theirs', 1000).put(key(1), blob('theirs'));
  await deleteCaches('mine');
  equal(await storedText('mine', 1), 'mine');
  equal(await storedText('theirs', 1), null);
  await deleteCaches();
  equal(await storedText('mine', 1), null);
});
