/** @import { ContactView } from '../realtime/contract.js' */
/** @import { FoundPerson } from '../realtime/request-types.js' */

import { isFound } from '../shell/folded.js';

/** @typedef {FoundPerson & Partial<ContactView>} Shown */

/**
 * Whom words find: at once those whom the reader knows, then those of the server. Who is invited
 * keeps their place.
 *
 * The list of contacts says what is between two people. A response of the server is as old as its
 * request: an invitation that was withdrawn since does not come back with it.
 *
 * @param {string} words
 * @param {ContactView[]} contacts of the reader, all of them
 * @param {FoundPerson[]} found by the server
 * @returns {Shown[]}
 */
export function foundPeople(words, contacts, found) {
  if (!words) return [];
  const known = new Map(contacts.map((contact) => [contact.person.id, contact]));
  const here = contacts.filter(({ person }) => isFound(`${person.name} @${person.username}`, words));
  const first = here.filter(({ state }) => state === 'contact' || state === 'incoming');
  const others = found.map(({ person }) => known.get(person.id) ?? { person, state: /** @type {const} */ ('none') });
  return [...new Map([...first, ...others, ...here].map((one) => [one.person.id, one])).values()];
}
