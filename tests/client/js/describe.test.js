import { eventText } from '../../../static/chats/describe.js';
import { equal, test } from './runner.js';

const event = { name: 'Alice', about: 'Bob', mine: false, aboutMe: false, text: '' };

test('an event says to the reader that it happened to them', () => {
  equal(eventText({ ...event, kind: 'joined' }), 'Alice added Bob');
  equal(eventText({ ...event, kind: 'joined', aboutMe: true }), 'Alice added you');
  equal(eventText({ ...event, kind: 'removed', aboutMe: true }), 'Alice removed you');
  equal(eventText({ ...event, kind: 'joined', about: null, mine: true, aboutMe: true }), 'You joined');
});

test('a group whose title moderators removed was made and renamed without one', () => {
  /** @param {string} kind @param {boolean} mine */
  const say = (kind, mine) => eventText({ ...event, kind, mine });
  equal(say('created', false), 'Alice created the group');
  equal(say('created', true), 'You created the group');
  equal(say('renamed', false), 'Alice renamed the group');
  equal(say('renamed', true), 'You renamed the group');
});

test('that a moderator read the chat is said with the time and the kind of reason', () => {
  const told = { from: '2026-11-21T10:00:00+00:00', to: '2026-11-23T10:00:00+00:00', reason: 'abuse' };
  /** @param {string} reason */
  const say = (reason) => eventText({ ...event, kind: 'moderator_read', text: JSON.stringify({ ...told, reason }) });
  for (const part of ['A moderator read the messages', '21', '23', '2026']) equal(say('abuse').includes(part), true);
  equal(say('abuse').endsWith('because of abuse or harassment'), true);
  // A reason of a later release.
  equal(say('unknown').includes('because'), false);
});
