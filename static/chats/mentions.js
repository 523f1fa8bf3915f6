/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { Mentions } from './markup.js' */

import { t } from '../shell/words.js';

/**
 * Whom the @names of a row mean: as the server found them, and until it has looked everybody who is
 * known here.
 *
 * @param {Row} row
 * @param {Record<string, Person>} people
 * @returns {Mentions}
 */
export function mentionsOf({ text, state, mentions, mentions_all }, people) {
  /** @type {Mentions} */
  const meant = new Map();
  if (!text.includes('@')) return meant;
  const me = document.body.dataset.person;
  for (const id of state === 'sent' ? mentions : Object.keys(people)) {
    const person = people[id];
    if (person) meant.set(person.username.toLowerCase(), { name: person.name, me: id === me });
  }
  if (mentions_all) meant.set('all', { name: t('all'), me: true });
  return meant;
}
