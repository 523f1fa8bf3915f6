/** @import { OutboxEntry } from '../../../static/realtime/stored-types.js' */

import { Database, result } from '../../../static/realtime/both/database.js';
import { LocalStore } from '../../../static/realtime/worker/store/local-store.js';
import { equal, test } from './runner.js';

/** @param {string} client_id @param {string[]} files @returns {OutboxEntry} */
const entryOf = (client_id, files) => ({
  client_id, chat: 'chat', text: 'look', quote: null, files, at: '', order: 1, tried: false, state: 'pending',
  failure: null, ack: null,
});

/** What an owner of a release without files sends. @param {string} person */
async function sentByFormer(person) {
  const database = new Database(`parley-mine-${person}`, { version: 2, upgrade() {} });
  /** @type {OutboxEntry[]} */
  const all = await database.use((db) => result(db.transaction('outbox').objectStore('outbox').getAll()));
  return all.filter(({ state }) => state === 'pending').map(({ client_id }) => client_id);
}

test('an owner of a release without files leaves alone the messages that have some', async () => {
  const store = new LocalStore('one');
  const draft = /** @type {any} */ ({ chat: 'chat', text: '' });
  await store.queue(entryOf('plain', []), draft);
  await store.queue(entryOf('queued', ['a']), draft);
  await store.update([entryOf('tried', ['b'])]);
  equal(await sentByFormer('one'), ['plain']);
  const { outbox } = await store.load();
  equal(outbox.map(({ client_id, state }) => [client_id, state]), [
    ['plain', 'pending'], ['queued', 'pending'], ['tried', 'pending'],
  ]);
});

test('a message that was sent or refused is stored as it is', async () => {
  const store = new LocalStore('two');
  const ack = { seq: 1, rev: 1, at: '' };
  await store.update([
    { ...entryOf('refused', ['a']), state: 'refused' },
    { ...entryOf('sent', ['b']), state: 'sent', ack },
  ]);
  const { outbox } = await store.load();
  equal(outbox.map(({ client_id, state }) => [client_id, state]), [['refused', 'refused'], ['sent', 'sent']]);
});
