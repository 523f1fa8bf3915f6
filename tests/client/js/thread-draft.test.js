import { toThread } from '../../../static/chats/thread-draft.js';
import { equal, test } from './runner.js';

/** @type {number[]} roots of which the reader was told */
const told = [];
/** @param {number} root */
const thread = (root) =>
  toThread({ chat: () => 'c', root: () => root, first: () => ({ seq: root, sender: '', text: '', deleted: false }), find: async () => null, notKept: () => told.push(root) });

test('what is written in many threads is kept', async () => {
  localStorage.clear();
  for (let root = 1; root <= 200; root += 1) await thread(root).save(`text ${root}`, null);
  equal([(await thread(1).load()).text, (await thread(200).load()).text, told], ['text 1', 'text 200', []]);
});

test('a thread follows what another tab writes in it, and in no other one', async () => {
  localStorage.clear();
  /** @type {[number, string][]} */
  const heard = [];
  const stops = [1, 2].map((root) => thread(root).watch?.(({ text }) => heard.push([root, text])));
  const key = 'parley-replies-alice';
  /** @param {() => unknown} write as another tab does */
  const elsewhere = async (write) => {
    const oldValue = localStorage.getItem(key);
    await write();
    dispatchEvent(new StorageEvent('storage', { key, oldValue, newValue: localStorage.getItem(key) }));
    await Promise.resolve();
  };
  await elsewhere(() => thread(1).save('At six', null));
  await elsewhere(() => thread(1).save('At six, I think', null));
  await elsewhere(() => thread(2).save('Yes', null));
  await elsewhere(() => thread(1).save('', null));
  stops.forEach((stop) => stop?.());
  await elsewhere(() => thread(2).save('', null));
  equal(heard, [[1, 'At six'], [1, 'At six, I think'], [2, 'Yes'], [1, '']]);
});

test('a text that the device cannot store is told, and not taken for stored', async () => {
  localStorage.clear();
  const [failure] = await Promise.allSettled([thread(7).save('x'.repeat(6_000_000), null)]);
  equal([failure.status, told], ['rejected', [7]]);
});
