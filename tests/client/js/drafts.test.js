import { ParleyError } from '../../../static/realtime/both/failure.js';
import { Drafts } from '../../../static/realtime/worker/drafts.js';
import { equal, test } from './runner.js';

const CHAT = 'chat';

/** Drafts whose requests are listed in `saves`; each waits for `answer`. */
function make() {
  /** @type {object[]} */
  const saves = [];
  /** @type {((failed?: Error) => void)[]} */
  const waiting = [];
  const drafts = new Drafts(/** @type {any} */ ({ saveDraft: async () => {} }), {
    changed: () => {},
    save: ({ text, expected }) => {
      saves.push({ text, expected });
      return new Promise((done, fail) => waiting.push((error) => (error ? fail(error) : done(null))));
    },
    quote: async () => ({ seq: 1, sender: '', text: '', deleted: false }),
  });
  /** @param {Error} [failed] */
  const answer = async (failed) => {
    waiting.shift()?.(failed);
    await new Promise((done) => setTimeout(done));
  };
  const receive = (/** @type {string} */ text) => drafts.receive({ chat: CHAT, text, reply_to: null });
  const write = (/** @type {string} */ text) => drafts.save(CHAT, { text, reply: null });
  const shown = () => drafts.of(CHAT).text;
  return { drafts, saves, answer, receive, write, shown };
}

test('after a send only the draft that was sent is deleted', async () => {
  const { drafts, saves, answer, receive, shown } = make();
  receive('At six');
  drafts.sent(CHAT);
  // Another device wrote on, before this one deleted the draft.
  receive('At six, I think');
  drafts.flush();
  equal(saves, [{ text: '', expected: 'At six' }]);
  equal(shown(), '');
  await answer();
  equal(shown(), 'At six, I think');
});

test('the draft that was sent does not come back with its own late event', async () => {
  const { drafts, saves, answer, receive, write, shown } = make();
  await write('At six');
  drafts.flush();
  await answer();
  drafts.sent(CHAT);
  receive('At six');
  drafts.flush();
  await answer();
  equal(saves, [
    { text: 'At six', expected: '' },
    { text: '', expected: 'At six' },
  ]);
  equal(shown(), '');
});

test('a draft of which it is unknown what the server has is deleted in any case', async () => {
  const { drafts, saves, answer, receive, write } = make();
  receive('At');
  await write('At six');
  drafts.flush();
  await answer(new Error('The connection was lost.'));
  drafts.sent(CHAT);
  drafts.flush();
  equal(saves, [
    { text: 'At six', expected: 'At' },
    { text: '', expected: undefined },
  ]);
});

test('a deletion that got no response, or that another owner sends, still deletes only the draft that was sent', async () => {
  const { drafts, saves, answer, receive } = make();
  receive('At six');
  const rest = drafts.sent(CHAT);
  drafts.flush();
  await answer(new ParleyError('offline'));
  drafts.flush();
  const next = make();
  next.drafts.beforeRead();
  next.drafts.restore([rest]);
  next.receive('At six, I think');
  next.drafts.flush();
  equal([...saves, ...next.saves], Array(3).fill({ text: '', expected: 'At six' }));
  await next.answer();
  equal(next.shown(), 'At six, I think');
});

test('a draft for which the server has no room stays here, until it has', async () => {
  const { drafts, answer, write, shown } = make();
  await write('One more chapter');
  drafts.flush();
  await answer(new ParleyError('not_possible'));
  equal([drafts.isFull(CHAT), shown()], [true, 'One more chapter']);
  // Another draft was deleted: all are sent again.
  await drafts.save('other', { text: '', reply: null });
  drafts.flush();
  await answer();
  equal([drafts.isFull(CHAT), shown()], [false, 'One more chapter']);
  await write('Too long');
  drafts.flush();
  await answer(new ParleyError('too_long'));
  equal(drafts.isFull(CHAT), false);
});

test('words say which draft they replace, also from a later owner, and take those of both devices', async () => {
  const { drafts, saves, answer, receive, write, shown } = make();
  receive('At');
  await write('At six');
  const next = make();
  next.drafts.beforeRead();
  next.drafts.restore([drafts.stored(CHAT)]);
  // While this device had no connection, another one wrote.
  receive('Perhaps');
  drafts.flush();
  next.drafts.flush();
  equal([...saves, ...next.saves], Array(2).fill({ text: 'At six', expected: 'At' }));
  await answer();
  equal(shown(), 'At six');
  receive('Perhaps\n\nAt six');
  equal(shown(), 'Perhaps\n\nAt six');
});

test('the words of both devices are shown, if they come before the response', async () => {
  const { drafts, answer, receive, write, shown } = make();
  await write('At six');
  drafts.flush();
  receive('Perhaps\n\nAt six');
  equal(shown(), 'At six');
  await answer();
  equal(shown(), 'Perhaps\n\nAt six');
});

test('the late event of an own draft, whose response was lost, is what the next one replaces', async () => {
  const { drafts, saves, answer, receive, write } = make();
  await write('At');
  drafts.flush();
  await answer(new ParleyError('offline'));
  receive('At');
  await write('No');
  drafts.flush();
  equal(saves, [
    { text: 'At', expected: '' },
    { text: 'No', expected: 'At' },
  ]);
});
