/**
 * Decides which new messages to notify about: the owner's side of `Client.watchNews`. Loaded with
 * the first message that arrives while a tab watches.
 *
 * @module
 */

/** @import { News } from '../realtime/contract.js' */
/** @import { Message } from '../realtime/wire.js' */
/** @import { ChatRecord, Changes, Model } from '../realtime/worker/model.js' */
/** @import { Owner } from '../realtime/worker/owner.js' */

import { zoneOf } from '../realtime/both/clock-times.js';
import { cut } from '../realtime/both/platform.js';
import { onceUntil } from '../realtime/both/quiet.js';
import { firstUnread, unreadOf } from '../realtime/both/unread.js';
import { NOTIFYING, decide } from './rules.js';

/** The newest ones of a chat: a notification shows the last. */
const MAX_OF_CHAT = 20;

/**
 * The messages to notify about, in their order: none while any tab is focused. And unread messages
 * that have changed.
 *
 * @param {Owner} owner
 * @param {Changes} changes with new and changed messages
 * @returns {News[]}
 */
export function newsOf({ model, sessions }, { messages, before }) {
  const looks = [...sessions].some(({ focused }) => focused);
  return [...messages].flatMap(([chat, list]) => {
    const record = model.chats.get(chat);
    if (!record) return [];
    const { read_seq } = record.chat;
    const unread = new Map(list.filter(({ seq }) => seq > read_seq).map((one) => [one.seq, one]));
    const known = before.get(chat) ?? 0;
    return [...unread.values()]
      .flatMap((one) => {
        if (one.seq <= known) return changedItem(model, record, one);
        return !looks && isNews(model, record, one) ? newsItem(model, record, one) : [];
      })
      .slice(-MAX_OF_CHAT);
  });
}

/** @param {Model} model @param {ChatRecord} record @param {Message} message @returns {News | []} */
function changedItem(model, record, message) {
  const { sender, kind, deleted } = message;
  if (sender === model.person || kind !== 'text') return [];
  return { ...newsItem(model, record, message), change: deleted ? 'gone' : 'edited' };
}

/** @param {Model} model @param {ChatRecord} record @param {Message} message */
function isNews(model, { chat }, { sender, kind, text, deleted, ...more }) {
  if (sender === model.person || kind !== 'text' || deleted) return false;
  const { me, notifications, person } = model;
  const { start, end } = me?.do_not_disturb ?? {};
  const preferences = {
    ...notifications,
    chat_level: chat.notify ?? '',
    muted: chat.muted,
    muted_until: chat.muted_until ?? null,
    quiet: { zone: zoneOf(me), start, end, until: onceUntil(me) },
  };
  const mentioned = more.mentions_all === true || (more.mentions ?? []).includes(person);
  return NOTIFYING.has(decide(preferences, { text, mentioned, now: Date.now() }));
}

/** @param {Model} model @param {ChatRecord} record @param {Message} message @returns {News} */
function newsItem(model, { id, chat }, { seq: message, sender, text, files: all = [] }) {
  const seq = firstUnread(chat) ?? chat.last_seq;
  const count = Math.max(1, unreadOf(chat));
  // The setting for pushes without content applies to this screen, too.
  if (model.notifications?.content === false) return { chat: id, message, seq, count, title: '', body: '' };
  const name = model.people.get(sender)?.name ?? '';
  const words = cut(text.split(/\s+/).join(' '), 240);
  // The page has the words for files: it knows the reader's language.
  const files = all.map(({ kind, name: called, animated }) => ({ kind, name: called, animated }));
  const shown = { chat: id, message, seq, count, body: words, files };
  return chat.kind === 'direct' ? { ...shown, title: name } : { ...shown, title: chat.title, by: name };
}
