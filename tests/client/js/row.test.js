import { canEdit } from '../../../static/chats/row.js';
import { equal, test } from './runner.js';

test('the reader edits their own messages, not entries of plugins', () => {
  // As https://github.com/element-hq/element-web/issues/22018: a poll offered to be edited.
  const own = { kind: 'text', seq: 1, deleted: false, mine: true, layout: null };
  const rows = [own, { mine: false }, { deleted: true }, { seq: null }, { layout: { plugin: 'polls' } }, { layout: { name: 'Tool' } }];
  equal(rows.map((row) => canEdit(/** @type {any} */ ({ ...own, ...row }))), [true, false, false, false, false, true]);
});
