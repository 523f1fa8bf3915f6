/**
 * What counts as unread (decision 0080): messages, from when they are sent until they are read or
 * deleted, and that an invitation was accepted. Other entries, which nobody wrote, do not.
 * `apps/chats/queries/unread.py` is the same on the server; both are tested with the same table.
 *
 * @module
 */

/** @import { Chat, Message } from '../wire.js' */

import { hasKeyword } from '../../notifications/rules.js';

/** Chats stored by a release before have neither list.
 * @typedef {Pick<Chat, 'last_seq' | 'read_seq' | 'uncounted' | 'mentioned'>} ReadState
 * @typedef {ReadState & Partial<Pick<Chat, 'marked_unread' | 'unread_from'>>} MarkedState */

const MAX_UNCOUNTED = 500;
const MAX_MENTIONED = 100;

/** Whether an entry counts until it is read. @param {{ kind: string, deleted?: boolean }} entry */
export const counts = ({ kind, deleted = false }) =>
  (kind === 'text' || kind === 'accepted') && !deleted;

/** How many messages are unread. @param {ReadState} chat */
export function unreadOf({ last_seq, read_seq, uncounted = [] }) {
  const others = uncounted.filter((seq) => seq > read_seq && seq <= last_seq).length;
  return Math.max(0, last_seq - read_seq - others);
}

/** Whether an unread message mentions the reader or contains one of their keywords. @param {ReadState} chat */
export const isMentioned = ({ read_seq, mentioned = [] }) => mentioned.some((seq) => seq > read_seq);

/** The seq of the first unread message, or of the entry that the reader marked so; null: there is
 * none. @param {MarkedState} chat */
export function firstUnread({ last_seq, read_seq, uncounted = [], marked_unread, unread_from }) {
  const others = new Set(uncounted);
  let seq = read_seq + 1;
  while (others.has(seq)) seq += 1;
  if (marked_unread && unread_from) return Math.min(unread_from, seq);
  return seq > last_seq ? null : seq;
}

/**
 * The two lists of a chat once an entry was added or changed.
 *
 * @param {ReadState} chat
 * @param {Message} entry
 * @param {string} me the reader
 * @param {string[]} [keywords] the reader's
 */
export function withEntry({ read_seq, uncounted = [], mentioned = [] }, entry, me, keywords = []) {
  const { seq, sender, text, mentions = [], mentions_all = false } = entry;
  const names =
    counts(entry) && sender !== me && (mentions_all || mentions.includes(me) || hasKeyword(text, keywords));
  return {
    uncounted: withSeq(uncounted, { seq, read_seq, isIn: !counts(entry), max: MAX_UNCOUNTED }),
    mentioned: withSeq(mentioned, { seq, read_seq, isIn: names, max: MAX_MENTIONED }),
  };
}

/**
 * Unread seqs, the newest first, with or without one of them.
 *
 * @param {number[]} seqs
 * @param {{ seq: number, read_seq: number, isIn: boolean, max: number }} change
 */
function withSeq(seqs, { seq, read_seq, isIn, max }) {
  if (!isIn && !seqs.length) return seqs;
  const others = seqs.filter((one) => one !== seq && one > read_seq);
  if (isIn && seq > read_seq) others.push(seq);
  return others.sort((a, b) => b - a).slice(0, max);
}
