import { eventText } from '../../../static/chats/describe.js';
import { equal, test } from './runner.js';

const event = { name: 'Alice', about: 'Bob', mine: false, aboutMe: false, text: '' };

test('an event says to the reader that it happened to them', () => {
  equal(eventText({ ...event, kind: 'joined' }), 'Alice added Bob');
  equal(eventText({ ...event, kind: 'joined', aboutMe: true }), 'Alice added you');
  equal(eventText({ ...event, kind: 'removed', aboutMe: true }), 'Alice removed you');
  equal(eventText({ ...event, kind: 'joined', about: null, mine: true, aboutMe: true }), 'You joined');
});
