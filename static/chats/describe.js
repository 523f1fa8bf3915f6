/**
 * Texts about a chat: its events, who is typing, who is present.
 *
 * @module
 */

/** @import { ShownFile } from '../files/types.js' */
/** @import { ChatView, MemberView, Named } from '../realtime/contract.js' */
/** @import { Quote } from '../realtime/wire.js' */

import { moon, quietEnd, statusLine, statusNow } from '../accounts/presence-mark.js';
import { connect } from '../realtime/client.js';
import { dateAndTime, timeAgo } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { language, t, tn } from '../shell/words.js';
import { renderLine } from './markup/render.js';

/**
 * @param {object} event
 * @param {string} event.kind
 * @param {string[]} event.names of those who acted: of several only in an event without `people`
 * @param {string[]} event.people names of those it happened to; empty: those who acted
 * @param {boolean} event.mine whether the reader acted
 * @param {boolean} event.aboutMe whether it happened to the reader
 * @param {string} event.text
 */
export function eventText({ kind, names, people, mine, aboutMe, text }) {
  const who = names[0] || t('Somebody');
  const about = listText(people);
  switch (kind) {
    case 'created':
      // Moderators removed the title.
      if (!text) return mine ? t('You created the group') : t('{name} created the group', { name: who });
      return mine
        ? t('You created the group “{title}”', { title: text })
        : t('{name} created the group “{title}”', { name: who, title: text });
    case 'joined':
      if (names.length > 1) return t('{names} joined', { names: listText(names) });
      if (!about) return mine ? t('You joined') : t('{name} joined', { name: who });
      if (aboutMe) return t('{name} added you', { name: who });
      return mine
        ? t('You added {about}', { about })
        : t('{name} added {about}', { name: who, about });
    case 'left':
      if (names.length > 1) return t('{names} left', { names: listText(names) });
      return mine ? t('You left') : t('{name} left', { name: who });
    case 'removed':
      if (aboutMe) return t('{name} removed you', { name: who });
      return mine
        ? t('You removed {about}', { about })
        : t('{name} removed {about}', { name: who, about });
    case 'expelled':
      return mine ? t('Moderators removed you') : t('Moderators removed {name}', { name: who });
    case 'accepted':
      return mine ? t('You are contacts now. Say hello!') : t('{name} accepted your invitation. Say hello!', { name: who });
    case 'renamed':
      if (!text) return mine ? t('You renamed the group') : t('{name} renamed the group', { name: who });
      return mine
        ? t('You renamed the group to “{title}”', { title: text })
        : t('{name} renamed the group to “{title}”', { name: who, title: text });
    case 'picture':
      return mine ? t('You changed the picture of the group') : t('{name} changed the picture of the group', { name: who });
    case 'title_reset':
      return t('Moderators removed the title of the group');
    case 'picture_reset':
      return t('Moderators removed the picture of the group');
    case 'retention':
      return +text
        ? tn('{name} set messages to be deleted here after {n} day', '{name} set messages to be deleted here after {n} days', +text, { name: who })
        : t('{name} keeps messages here until they are deleted by hand', { name: who });
    case 'moderator_read':
      return readingText(text);
    default:
      return t('Something happened here that this version of Parley cannot show.');
  }
}

/** `Ilse, Tomás and Priya` @param {string[]} names */
const listText = (names) =>
  new Intl.ListFormat(language(), { type: 'conjunction' }).format(names.map((name) => name || t('Somebody')));

/** That a moderator read the chat. @param {string} told JSON: `from`, `to`, and a kind of reason */
function readingText(told) {
  const { from, to, reason } = JSON.parse(told);
  const values = { from: dateAndTime(from), to: dateAndTime(to) };
  switch (reason) {
    case 'abuse':
      return t('A moderator read the messages from {from} to {to}, because of abuse or harassment', values);
    case 'safety':
      return t('A moderator read the messages from {from} to {to}, because somebody may be in danger', values);
    case 'illegal':
      return t('A moderator read the messages from {from} to {to}, because of something illegal', values);
    case 'legal':
      return t('A moderator read the messages from {from} to {to}, by order of a court or an authority', values);
    default:
      return t('A moderator read the messages from {from} to {to}', values);
  }
}

/** @typedef {{ kind: string, name?: string, animated?: boolean }} NamedFile */

/**
 * A few words for files, where there is no room for them: as `file_line` on the server.
 *
 * @param {NamedFile[]} files
 */
export const fileLabel = (files) => labelOf(files).join(' ');

/** @param {NamedFile[]} files @returns {[sign: string, words: string]} */
function labelOf(files) {
  const n = files.length;
  if (n > 1 && files.every(({ kind }) => kind === 'image')) return ['📷', tn('{n} photo', '{n} photos', n)];
  if (n > 1) return ['📎', tn('{n} file', '{n} files', n)];
  const [{ kind, name, animated = false }] = files;
  if (kind === 'image') return animated ? ['🎞️', t('GIF')] : ['📷', t('Photo')];
  if (kind === 'voice') return ['🎤', t('Voice message')];
  if (kind === 'video') return ['🎬', t('Video')];
  return ['📎', name ?? t('File')];
}

/** Plain text: what a message says, after a sign of its files. @param {string} text @param {NamedFile[]} files */
export function plainLine(text, files) {
  if (!files.length) return text;
  const [sign, words] = labelOf(files);
  return `${sign} ${text || words}`;
}

/** The files of a message. @param {object} message @returns {ShownFile[]} */
export const filesOf = (message) => /** @type {{ files?: ShownFile[] }} */ (message).files ?? [];

/**
 * In place of a message without content.
 *
 * @param {{ hidden?: boolean, deleted_by_moderator?: boolean }} message
 */
export function deletedText({ hidden = false, deleted_by_moderator = false }) {
  if (hidden) return t('Hidden by a moderator');
  return deleted_by_moderator ? t('Deleted by a moderator') : t('This message was deleted.');
}

/** What a quote says in one line. @param {Quote} quote */
export const quoteLine = (quote) =>
  quote.deleted ? deletedText(quote) : lineOf(quote.text, quote.file ? [{ kind: quote.file }] : []);

/** What a message says in one line: its text after a sign of its files, or else its files.
 * @param {string} text @param {NamedFile[]} files */
export function lineOf(text, files) {
  if (!files.length) return renderLine(text);
  return text ? html`${fileSign(files)} ${renderLine(text)}` : fileLabel(files);
}

/** Before the text of a message with files. @param {NamedFile[]} files */
export function fileSign(files) {
  const [sign, words] = labelOf(files);
  return html`<span role="img" aria-label=${words}>${sign}</span>`;
}

/** Who is typing; empty when nobody is. @param {Named[]} people */
export function typingText(people) {
  const names = people.map(({ name }) => name || t('Somebody'));
  if (!names.length) return '';
  if (names.length === 1) return t('{name} is typing…', { name: names[0] });
  if (names.length === 2) return t('{one} and {other} are typing…', { one: names[0], other: names[1] });
  return t('Several people are typing…');
}

/**
 * For a group: how many people it has, without bots, and how many of them are online (the reader
 * counts). For a direct chat: whether the other person is online, or when they last were.
 *
 * @param {ChatView} chat
 * @param {MemberView[] | null} members
 */
export function presenceText(chat, members) {
  if (chat.kind !== 'group') return personPresenceText(chat);
  const people = tn('{n} person', '{n} people', members?.filter(({ person }) => !person.bot).length ?? chat.members);
  if (!members) return people;
  const me = connect().person;
  const here = members.filter(({ person, presence }) => person.id === me || presence?.online).length;
  return `${people}, ${tn('{n} here now', '{n} here now', here)}`;
}

/** @param {ChatView} chat */
function personPresenceText({ person, presence }) {
  if (!person?.username) return '';
  const status = statusNow(person);
  const handle = html`<bdi>@${person.username}</bdi>${status ? html`, ${statusLine(person)}` : nothing}`;
  const quiet = quietEnd(presence?.quiet);
  if (quiet) return html`${handle}, ${t('quiet until {when}', { when: quiet })}${moon()}`;
  if (presence?.online) return html`${handle}, ${presence.away ? t('away') : t('here now')}`;
  return presence?.last_seen ? html`${handle}, ${t('seen {when}', { when: timeAgo(presence.last_seen) })}` : handle;
}
