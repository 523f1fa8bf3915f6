/**
 * What tabs see of the model: pure functions from wire bodies to view models.
 *
 * @module
 */

/**
 * @import { ChatView, ContactView, LastLine, OutboxEntry, PositionsView, PresenceView, Row
 *   } from './contract.js'
 * @import { Contact, Message, Person } from './wire.js'
 * @import { ChatRecord, Model } from './model.js'
 */

/**
 * A client id is unique only among one sender's messages.
 *
 * @param {string} sender
 * @param {string} clientId
 */
export const keyOf = (sender, clientId) => `${sender}/${clientId}`;

/** @param {Message} message @param {string} me @returns {Row} */
export function messageRow(message, me) {
  const { client_id, seq, kind, sender, text, at } = message;
  const key = keyOf(sender, client_id);
  const mine = sender === me;
  return { key, client_id, seq, kind, sender, mine, text, at, state: 'sent', failure: null };
}

/** @param {OutboxEntry} entry @param {string} me @returns {Row} */
export function pendingRow({ client_id, text, at, state, failure, ack }, me) {
  return {
    key: keyOf(me, client_id),
    client_id,
    seq: ack?.seq ?? null,
    kind: 'text',
    sender: me,
    mine: true,
    text,
    at: ack?.at ?? at,
    state,
    failure,
  };
}

/** @param {Model} model @param {string | undefined} person @returns {PresenceView} */
function presenceOf(model, person) {
  const known = person === undefined ? undefined : model.presence.get(person);
  return known ? { online: known.online, last_seen: known.last_seen } : null;
}

/**
 * @param {ChatRecord} record
 * @param {{ model: Model, unsent: OutboxEntry[], draft: string }} around `unsent`: of this chat
 * @returns {ChatView}
 */
export function chatView({ chat }, { model, unsent, draft }) {
  const { id, kind, title, person, last_seq, read_seq } = chat;
  const { marked_unread, pinned, archived, muted } = chat;
  const newest = unsent.at(-1);
  const last = newest ? pendingRow(newest, model.person) : lastRow(chat.last, model.person);
  const state = person && model.contacts.get(person.id)?.state;
  return {
    id,
    kind,
    title,
    person,
    presence: state === 'contact' ? presenceOf(model, person?.id) : null,
    writable: kind !== 'direct' || state === 'contact',
    last_seq,
    read_seq,
    unread: Math.max(0, last_seq - read_seq),
    marked_unread,
    pinned,
    archived,
    muted,
    active_at: last && last.at > chat.active_at ? last.at : chat.active_at,
    last: last && lastLine(last),
    draft,
    refused: unsent.some((entry) => entry.state === 'refused'),
  };
}

/** @param {Message | null} message @param {string} me */
const lastRow = (message, me) => message && messageRow(message, me);

/** @param {Row} row @returns {LastLine} */
const lastLine = ({ kind, sender, mine, text, at, state }) => ({
  kind,
  sender,
  mine,
  // A line shows some hundred characters; the list is sent whole to every new tab.
  text: text.slice(0, 300),
  at,
  state,
});

/** @param {Contact} contact @param {Model} model @returns {ContactView} */
export function contactView({ person, state, since }, model) {
  return { person, state, since, presence: presenceOf(model, person.id) };
}

/** @param {ChatRecord} record @param {string} me @returns {PositionsView} */
export function positionsView({ positions }, me) {
  const members = Object.values(positions).filter(({ person }) => person !== me);
  const least = (/** @type {number[]} */ seqs) => (seqs.length ? Math.min(...seqs) : 0);
  return {
    delivered: least(members.map(({ delivered }) => delivered)),
    read: least(members.map(({ read }) => read)),
    members,
  };
}

/** @param {ChatRecord} record @param {Model} model @returns {Record<string, Person>} */
export function peopleOf({ chat }, { me }) {
  /** @type {Record<string, Person>} */
  const people = {};
  if (chat.person) people[chat.person.id] = chat.person;
  if (me) people[me.id] = { id: me.id, username: me.username, name: me.name, about: me.about };
  return people;
}
