/** @import { Quote } from '../../../static/realtime/wire.js' */

import { DraftState, withoutBlankEdges } from '../../../static/chats/draft-state.js';
import { equal, test } from './runner.js';

const TYPING = { isEditing: false, isFocused: true };
const AWAY = { isEditing: false, isFocused: false };
const EDITING = { isEditing: true, isFocused: true };
/** @type {Quote} */
const QUOTE = { seq: 7, sender: 'bob', text: 'When?', deleted: false };

/** A draft, and what it has asked its store to keep. */
function make() {
  /** @type {[string, number | undefined][]} */
  const stored = [];
  const draft = new DraftState(async (text, reply) => {
    stored.push([text, reply?.seq]);
  });
  return { draft, stored };
}

/** Type a text and let the store confirm it. @param {DraftState} draft @param {string} text */
async function type(draft, text) {
  draft.write(text);
  await Promise.resolve();
}

test('every change is stored with the reply', async () => {
  const { draft, stored } = make();
  equal([draft.write('a'), draft.write('ab'), draft.write('a')], [true, true, false]);
  draft.setReply(QUOTE);
  equal(stored, [['a', undefined], ['ab', undefined], ['a', undefined], ['a', 7]]);
});

test('the stored draft is shown when nothing was typed', () => {
  const { draft } = make();
  equal(draft.load('before', QUOTE, false), '');
  equal([draft.text, draft.reply], ['before', QUOTE]);
});

test('the stored draft goes before the text that was typed while it was read', () => {
  const { draft } = make();
  draft.write('typed');
  equal(draft.load('stored', QUOTE, false), 'stored');
  equal([draft.text, draft.reply], ['typed', QUOTE]);
});

test('the stored draft is used once', () => {
  const { draft } = make();
  draft.load('first', null, false);
  equal(draft.load('second', null, false), '');
  equal(draft.text, 'first');
});

test('an edit does not keep the stored draft away', () => {
  const { draft } = make();
  draft.touch();
  equal(draft.load('stored', null, true), '');
  equal(draft.text, 'stored');
});

test('a draft from another device replaces one that nobody writes', async () => {
  const { draft } = make();
  await type(draft, 'here');
  equal(draft.follow({ draft: 'there', reply: QUOTE }, AWAY), true);
  equal([draft.text, draft.reply], ['there', QUOTE]);
});

test('a draft from another device does not replace one that is being written', () => {
  const { draft } = make();
  draft.write('here');
  equal(draft.follow({ draft: 'there', reply: null }, TYPING), false);
  equal(draft.text, 'here');
});

test('a late event of what was written here takes nothing back, also without the focus', async () => {
  const { draft } = make();
  draft.write('So ');
  draft.write('So it ');
  equal(draft.follow({ draft: 'So ', reply: null }, AWAY), false);
  equal(draft.text, 'So it ');
  // Once all is stored, none is late: another device has removed a word.
  await Promise.resolve();
  equal(draft.follow({ draft: 'So ', reply: null }, AWAY), true);
});

test('what another device adds is followed with the focus, once all that was typed is stored', async () => {
  const { draft } = make();
  await type(draft, 'At six');
  equal(draft.follow({ draft: 'At six, I think', reply: null }, TYPING), true);
  equal(draft.follow({ draft: 'At six', reply: null }, TYPING), true);
  draft.write('At six?');
  equal(draft.follow({ draft: 'At six, sharp', reply: null }, TYPING), false);
  equal(draft.text, 'At six?');
});

test('an outdated event brings back nothing that was deleted or sent here', async () => {
  const { draft } = make();
  for (const text of ['At six', 'At', 'At seven']) await type(draft, text);
  equal(draft.follow({ draft: 'At', reply: null }, TYPING), false);
  draft.startSending('At seven');
  draft.sendEnded();
  equal(draft.follow({ draft: 'At seven', reply: null }, TYPING), false);
  equal(draft.text, '');
});

test('a draft sent elsewhere is removed, even while it has the focus or an edit is open', async () => {
  for (const composer of [TYPING, EDITING]) {
    const { draft } = make();
    await type(draft, 'here');
    equal(draft.follow({ draft: '', reply: null }, composer), true);
    equal(draft.text, '');
  }
});

test('text typed after the last store stays when the draft was sent elsewhere', async () => {
  const { draft } = make();
  await type(draft, 'here');
  draft.write('here, and more');
  equal(draft.follow({ draft: '', reply: null }, TYPING), false);
  equal(draft.text, 'here, and more');
});

test('a draft that an outdated event removed comes back', async () => {
  const { draft } = make();
  await type(draft, 'here');
  draft.follow({ draft: '', reply: null }, TYPING);
  equal(draft.follow({ draft: 'here', reply: null }, TYPING), true);
  equal(draft.text, 'here');
});

test('the draft is not replaced during an edit', async () => {
  const { draft } = make();
  await type(draft, 'here');
  equal(draft.follow({ draft: 'there', reply: null }, EDITING), false);
});

test('the draft is not replaced while a message is handed over', async () => {
  const { draft } = make();
  await type(draft, 'here');
  const message = draft.startSending('here');
  equal([message.text, draft.text], ['here', '']);
  equal(draft.follow({ draft: 'here', reply: null }, AWAY), false);
  draft.sendEnded();
  equal(draft.follow({ draft: 'next', reply: null }, AWAY), true);
});

test('a message that the owner did not take keeps its id and its reply', async () => {
  const { draft } = make();
  draft.setReply(QUOTE);
  const first = draft.startSending('Six');
  draft.sendEnded(first);
  equal(draft.reply, QUOTE);
  equal(draft.startSending('Six').client_id, first.client_id);
});

test('another text or another reply gets another id', async () => {
  const { draft } = make();
  const first = draft.startSending('Six');
  draft.sendEnded(first);
  equal(draft.startSending('Seven').client_id === first.client_id, false);
  draft.sendEnded(first);
  draft.setReply(QUOTE);
  equal(draft.startSending('Six').client_id === first.client_id, false);
});

test('the same text again is a new message once the owner has the first', async () => {
  const { draft } = make();
  const first = draft.startSending('Six');
  draft.sendEnded(first);
  const again = draft.startSending('Six');
  draft.sendEnded();
  equal(draft.startSending('Six').client_id === again.client_id, false);
});

test('text typed while a message is handed over is stored again afterwards', async () => {
  const { draft, stored } = make();
  draft.startSending('Six');
  draft.write('next');
  draft.sendEnded();
  equal(stored, [['next', undefined], ['next', undefined]]);
});

for (const [typed, sent] of [
  ['', ''],
  [' \n\t\n', ''],
  ['\n \n  indented\n\nlast \n ', '  indented\n\nlast'],
  ['  one line  ', '  one line'],
]) {
  test(`blank edges are cut: ${JSON.stringify(typed)}`, () => equal(withoutBlankEdges(typed), sent));
}

test('two million blanks are cut in linear time', () => {
  // Quadratic time would take hours.
  for (const blank of [' ', '\n']) {
    equal(withoutBlankEdges(`x${blank.repeat(2e6)}x`).length, 2_000_002);
  }
});
