/** @import { ChatView, MemberView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { tn } from '../shell/words.js';

/**
 * How many people a group has, and how many of them are here: the reader is.
 *
 * @param {ChatView} chat
 * @param {MemberView[] | null} members
 */
export function groupWords({ members: all }, members) {
  const people = tn('{n} person', '{n} people', members?.length ?? all);
  if (!members) return people;
  const me = connect().person;
  const here = members.filter(({ person, presence }) => person.id === me || presence?.online).length;
  return `${people}, ${tn('{n} here now', '{n} here now', here)}`;
}
