/**
 * View models, which tabs get: functions from wire bodies and the owner's state, without effects.
 *
 * @module
 */

/**
 * @import { ChatView, ContactView, LastLine, Named, PresenceView, Row, ScheduledView } from '../contract.js'
 * @import { PositionsView } from '../timeline-types.js'
 * @import { OutboxEntry } from '../stored-types.js'
 * @import { Contact, Member, Message, Scheduled } from '../wire.js'
 * @import { ChatRecord, Model } from './model.js'
 * @import { Owner } from './owner.js'
 */

import { cut } from '../both/platform.js';
import { counts, isMentioned, unreadOf } from '../both/unread.js';

/**
 * A client id is unique only among one sender's messages.
 *
 * @param {string} sender
 * @param {string} clientId
 */
export const keyOf = (sender, clientId) => `${sender}/${clientId}`;

/** Fields that the server may leave out of a message, and that no pending one has. */
const PLAIN = {
  about: null,
  reply_to: null,
  thread: null,
  replies: 0,
  last_reply_at: null,
  quote: null,
  mentions: /** @type {string[]} */ ([]),
  mentions_all: false,
  mentions_me: false,
  edited_at: null,
  deleted: false,
  hidden: false,
  deleted_by_moderator: false,
  pinned: false,
  saved: false,
  reactions: [],
  previews: [],
  files: [],
  layout: null,
};

/**
 * @param {string} chat
 * @param {Message} message
 * @param {Owner} owner
 * @returns {Row}
 */
export function messageRow(chat, { rev, id, ...message }, { model, pendingReactions }) {
  const { seq, sender, client_id } = message;
  const { person: me } = model;
  const mine = sender === me;
  const { mentions = [], mentions_all = false, reactions = [] } = message;
  return {
    ...PLAIN,
    ...message,
    key: keyOf(sender, client_id),
    mine,
    state: 'sent',
    failure: null,
    counts: counts(message),
    mentions_me: !mine && (mentions_all || mentions.includes(me)),
    saved: model.saved.get(chat)?.has(seq) ?? false,
    reactions: pendingReactions.withPending(chat, seq, { reactions, me }),
  };
}

/** @param {OutboxEntry} entry @param {Pick<Owner, 'model' | 'uploads'>} owner @returns {Row} */
export function pendingRow({ client_id, text, quote, files, at, state, failure, ack }, { model, uploads }) {
  const { person: me } = model;
  return {
    ...PLAIN,
    key: keyOf(me, client_id),
    client_id,
    seq: ack?.seq ?? null,
    kind: 'text',
    counts: true,
    sender: me,
    mine: true,
    text,
    at: ack?.at ?? at,
    state,
    failure,
    reply_to: quote?.seq ?? null,
    quote,
    files: uploads.views(files),
  };
}

/** @param {Model} model @param {string | undefined} person @returns {PresenceView} */
export function presenceOf(model, person) {
  const known = person === undefined ? undefined : model.presence.get(person);
  if (!known) return null;
  const { online, away = false, last_seen } = known;
  return { online, away, last_seen, quiet: model.contacts.get(known.person)?.quiet ?? null };
}

/** @param {Model} model @param {string} id @returns {Named} */
const named = (model, id) => ({ id, name: model.people.get(id)?.name ?? '' });

/**
 * @param {ChatRecord} record
 * @param {Owner} owner
 * @returns {ChatView}
 */
export function chatView({ chat }, owner) {
  const { model, outbox, uploads, drafts, typing, muteTimers, isListKnown } = owner;
  const { rev, sender, muted_until = null, notify = '', uncounted, mentioned, ...head } = chat;
  const { id, kind } = head;
  // A changed contact is newer than the head, which names the person as of its last change.
  const person = (head.person && (model.contacts.get(head.person.id)?.person ?? model.people.get(head.person.id)))
    ?? head.person;
  const unsent = outbox.of(id);
  const newest = unsent.at(-1);
  const draft = drafts.of(id);
  const last = newest ? pendingRow(newest, owner) : chat.last;
  const state = person && model.contacts.get(person.id)?.state;
  return {
    ...head,
    picture: head.picture ?? null,
    person,
    presence: state === 'contact' ? presenceOf(model, person?.id) : null,
    typing: typing.of(id).map((one) => named(model, one)),
    // Cached chats of the release before do not have the field.
    closed_reason: head.closed_reason ?? '',
    // A chat may be read before contacts are known: the field must not go away meanwhile.
    writable: (kind !== 'direct' || state === 'contact' || !isListKnown) && !head.closed_reason,
    unread: unreadOf(chat),
    mentioned: isMentioned(chat),
    muted: muteTimers.isMuted(chat),
    muted_until,
    notify,
    active_at: last && last.at > chat.active_at ? last.at : chat.active_at,
    last: last && lastLine(last, model),
    draft: draft.text,
    reply: draft.reply,
    draft_full: drafts.isFull(id),
    files: uploads.ofDraft(id),
    thread_files: uploads.ofThreads(id),
    refused: unsent.some((entry) => entry.state === 'refused'),
    scheduled: [...model.scheduled.values()].filter((one) => one.chat === id).map(scheduledView),
    notes: model.notes.filter((note) => note.chat === id),
  };
}

/** @param {Scheduled} scheduled @returns {ScheduledView} */
const scheduledView = ({ id, text, files = [], due_at, state, reason, answer = '' }) => ({
  id,
  files: files.map(({ kind, name }) => ({ kind, name })),
  // A line of a list; the whole text is read when it is edited.
  text: cut(text, 300),
  due_at,
  failed: state === 'failed' ? reason : null,
  held: state === 'held',
  answer,
});

const NAME = /(?<![\w@/.+-])@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)/gi;
const MARKS = /[`*_~[\]\\]/;

/**
 * A text with `@Alice Adams` for `@alice`, as `mention_names.py` on the server: those of the mentioned
 * people whose names are known, and are no markup.
 *
 * @param {string} text
 * @param {string[]} ids
 * @param {Model} model
 */
function withNames(text, ids, { people, person, me }) {
  const found = ids.flatMap((id) => (id === person && me) || people.get(id) || []);
  const known = found.filter(({ username, name }) => username && !MARKS.test(name));
  if (!known.length) return text;
  const names = new Map(known.map(({ username, name }) => [username.toLowerCase(), name]));
  return text.replace(NAME, (whole, /** @type {string} */ typed) => {
    // `@bob.` at the end of a sentence is not followed by a name, `@bob.Then` is.
    for (let end = typed.length; end; end -= 1) {
      const name = names.get(typed.slice(0, end).toLowerCase());
      if (name && (end === typed.length || '.-'.includes(typed[end]))) return `@${name}${typed.slice(end)}`;
    }
    return whole;
  });
}

/** @param {Row | Message} last @param {Model} model @returns {LastLine} */
function lastLine(last, model) {
  const { kind, sender, about, text, mentions = [], files = [], at } = last;
  const { deleted = false, hidden = false, deleted_by_moderator = false } = last;
  return {
    kind,
    sender,
    name: named(model, sender).name,
    about: about ? named(model, about) : null,
    mine: sender === model.person,
    // A line shows some hundred characters, and every new tab gets the whole list.
    text: cut(withNames(text, mentions, model), 300),
    files: files.map((file) => ({ kind: file.kind, name: file.name, animated: 'animated' in file && file.animated })),
    deleted,
    hidden,
    deleted_by_moderator,
    at,
    state: 'state' in last ? last.state : 'sent',
  };
}

/** @param {Contact} contact @param {Model} model @returns {ContactView} */
export function contactView({ person, state, since, greeting = '' }, model) {
  return { person, state, since, greeting, presence: presenceOf(model, person.id) };
}

/**
 * A reader who does not share how far they have read is not shown how far others have. Nobody waits for
 * bots: some read nothing.
 *
 * @param {ChatRecord} record
 * @param {Model} model
 * @param {Member[] | null} present the members of a group, if they are known
 * @returns {PositionsView}
 */
export function positionsView({ chat, positions }, { person: self, me }, present) {
  const bots = new Set((present ?? []).filter(({ person }) => person.bot).map(({ person }) => person.id));
  const shown = me?.share_seen !== false;
  const members = Object.values(positions)
    .filter(({ person }) => person !== self && !bots.has(person))
    .map((position) => (shown ? position : { ...position, read: 0 }));
  const of = Math.max(members.length, chat.members - 1 - bots.size);
  // Without a position of every other member, nothing is claimed.
  const all = members.length > 0 && members.length === of;
  return {
    delivered: all ? Math.min(...members.map(({ delivered }) => delivered)) : 0,
    read: all ? Math.min(...members.map(({ read }) => read)) : 0,
    of,
    members,
  };
}
