/** @import { ContactView } from '../../../static/realtime/contract.js' */
/** @import { FoundPerson } from '../../../static/realtime/request-types.js' */

import { foundPeople } from '../../../static/contacts/found-people.js';
import { equal, test } from './runner.js';

/** @param {string} name @param {ContactView['state']} state */
const one = (name, state) =>
  /** @type {ContactView & FoundPerson} */ (
    /** @type {unknown} */ ({ person: { id: name, name, username: name.toLowerCase() }, state })
  );

/** @param {ReturnType<typeof foundPeople>} shown */
const states = (shown) => shown.map(({ person, state }) => `${person.id} ${state}`);

test('a late response brings no withdrawn invitation back', () => {
  const late = [one('Alice', 'outgoing'), one('Alina', 'none')];
  const invited = [one('Alice', 'outgoing')];
  equal(states(foundPeople('ali', invited, late)), ['Alice outgoing', 'Alina none']);
  equal(states(foundPeople('ali', [], late)), ['Alice none', 'Alina none']);
});

test('a response from before the invitation does not take it away', () => {
  equal(states(foundPeople('ali', [one('Alice', 'outgoing')], [one('Alice', 'none')])), ['Alice outgoing']);
});

test('contacts come first, and once', () => {
  const contacts = [one('Alina', 'blocked'), one('Alice', 'contact'), one('Bob', 'contact')];
  const found = [one('Alma', 'none'), one('Alina', 'blocked'), one('Alice', 'contact')];
  equal(states(foundPeople('al', contacts, found)), ['Alice contact', 'Alma none', 'Alina blocked']);
});

test('no words find nobody', () => {
  equal(foundPeople('', [one('Alice', 'contact')], [one('Alma', 'none')]), []);
});
