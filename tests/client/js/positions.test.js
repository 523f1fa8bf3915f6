/** @import { ChatRecord, Model } from '../../../static/realtime/worker/model.js' */
/** @import { Member } from '../../../static/realtime/wire.js' */

import { positionsView } from '../../../static/realtime/worker/view-models.js';
import { equal, test } from './runner.js';

/** A group of these, who have all read up to a seq. @param {Record<string, number>} read */
const record = (read) =>
  /** @type {ChatRecord} */ (
    /** @type {unknown} */ ({
      chat: { id: 'crew', members: Object.keys(read).length },
      positions: Object.fromEntries(
        Object.entries(read).map(([person, seq]) => [person, { person, read: seq, delivered: seq }]),
      ),
    })
  );
const model = /** @type {Model} */ (/** @type {unknown} */ ({ person: 'me', me: { share_seen: true } }));

/** @param {string} id @param {boolean} [bot] */
const member = (id, bot) => /** @type {Member} */ (/** @type {unknown} */ ({ person: { id, bot } }));

test('a message is read when all others have read it', () => {
  const { read, of } = positionsView(record({ me: 9, bob: 4, charlie: 7 }), model, null);
  equal([read, of], [4, 2]);
});

test('nobody waits for bots', () => {
  const members = [member('me'), member('bob'), member('alarms', true)];
  const found = positionsView(record({ me: 9, bob: 4, alarms: 0 }), model, members);
  equal([found.read, found.of, found.members.length], [4, 1, 1]);
});
