/** @import { Row } from '../../../static/realtime/contract.js' */

import { changesPins } from '../../../static/chats/pins-line.js';
import { equal, test } from './runner.js';

/** @param {number} seq @param {object} [more] */
const row = (seq, more = {}) => /** @type {Row} */ (/** @type {unknown} */ ({ seq, pinned: true, deleted: false, edited_at: null, ...more }));
const pinned = [row(5), row(3)];

for (const [what, changed, result] of /** @type {[string, Row, boolean][]} */ ([
  ['one more is pinned', row(9), true],
  ['one is not pinned any more', row(3, { pinned: false }), true],
  ['one is deleted', row(3, { deleted: true }), true],
  ['one is edited', row(5, { edited_at: '2026-01-01T00:00:00Z' }), true],
  ['one gets a reaction', row(5, { reactions: [{}] }), false],
  ['another message comes', row(10, { pinned: false }), false],
])) {
  test(`the pinned messages are other ones when ${what}: ${result}`, () => equal(changesPins(pinned, [changed]), result));
}
