/** @import { SentRow } from '../../../static/chats/selection.js' */

import { Selection } from '../../../static/chats/selection.js';
import { mayBegin, swipedBy } from '../../../static/chats/swipe-reply.js';
import { equal, test } from './runner.js';

/** @param {number} seq @param {object} [more] */
const row = (seq, more = {}) => /** @type {SentRow} */ (/** @type {unknown} */ ({ key: `k${seq}`, seq, deleted: false, ...more }));
const rows = [1, 2, 3, 4, 5].map((seq) => row(seq));
/** @param {Selection} selection */
const seqs = (selection) => selection.rows.map(({ seq }) => seq);

test('a press selects a message, and another one takes it out', () => {
  const selection = new Selection();
  for (const seq of [4, 2, 4]) selection.press(row(seq));
  equal(seqs(selection), [2]);
});

test('with Shift, all messages since the last press are selected, in either direction', () => {
  for (const [from, to] of [[2, 4], [4, 2]]) {
    const selection = new Selection();
    selection.press(row(from));
    selection.press(row(to), rows);
    equal(seqs(selection), [2, 3, 4]);
  }
});

test('a range whose beginning is not loaded any more is one message', () => {
  const selection = new Selection();
  selection.press(row(9));
  selection.press(row(2), rows);
  equal(seqs(selection), [2, 9]);
});

test('at most a hundred are selected', () => {
  const selection = new Selection();
  const many = Array.from({ length: 150 }, (_, index) => row(index + 1));
  selection.press(many[0]);
  selection.press(many[149], many);
  equal([selection.size, selection.isOverfull], [100, true]);
  selection.press(many[120]);
  equal([selection.size, selection.isOverfull], [100, true]);
  selection.press(many[3]);
  equal([selection.size, selection.isOverfull], [99, false]);
});

test('after a gap only messages that are known to be there stay selected', () => {
  const selection = new Selection();
  for (const one of rows) selection.press(one);
  equal(selection.follow([row(9, { deleted: true })]), false);
  equal(selection.follow([row(2), row(3, { deleted: true })], true), true);
  equal(seqs(selection), [2]);
});

test('a message that is deleted meanwhile is not selected any more', () => {
  const selection = new Selection();
  for (const one of rows) selection.press(one);
  selection.follow([row(2, { deleted: true }), row(3, { text: 'edited' })]);
  equal(seqs(selection), [1, 3, 4, 5]);
});

test('a finger that goes sideways swipes, and not one that scrolls or goes back', () => {
  equal([[5, 0], [40, 5], [40, 30], [-40, 0], [400, 0]].map(([x, y]) => swipedBy({ x, y })), [0, 28, 0, 0, 80]);
  equal([10, 30, 360, 380].map((x) => mayBegin(x, 390)), [false, true, true, false]);
});
