/**
 * What the reader is to be told of, the owner's side of `Client.watchNews`: loaded with the first
 * message that comes while somebody listens.
 *
 * @module
 */

/** @import { News } from '../realtime/contract.js' */
/** @import { Message } from '../realtime/wire.js' */
/** @import { ChatRecord, Model } from '../realtime/model.js' */
/** @import { Owner } from '../realtime/owner.js' */

import { TELLING, decide } from './rules.js';

/** How far was told of, by chat. @type {WeakMap<Model, Map<string, number>>} */
const told = new WeakMap();

/**
 * Nothing while the reader looks at any tab.
 *
 * @param {Owner} owner
 * @param {Map<string, Message[]>} messages that just came, by chat
 * @returns {News[]} at most one of a chat: its newest
 */
export function newsOf({ model, desks }, messages) {
  if ([...desks].some(({ focused }) => focused)) return [];
  return [...messages].flatMap(([chat, list]) => {
    const record = model.chats.get(chat);
    const message = record && list.findLast((one) => isNews(model, record, one));
    return message ? newsItem(model, record, message) : [];
  });
}

/** @param {Model} model @param {ChatRecord} record @param {Message} message */
function isNews(model, { id, chat }, { seq, sender, kind, text, deleted, edited_at, ...more }) {
  if (sender === model.person || kind !== 'text' || deleted || edited_at) return false;
  const heard = told.get(model) ?? new Map();
  told.set(model, heard);
  // A message that changes comes again, whole; only the newest are new.
  if (seq <= chat.read_seq || seq <= (heard.get(id) ?? chat.last_seq - 1)) return false;
  heard.set(id, seq);
  const { me, notifications, person } = model;
  const { start, end, until } = me?.do_not_disturb ?? {};
  const wishes = {
    ...notifications,
    chat_level: chat.notify ?? '',
    muted: chat.muted,
    muted_until: chat.muted_until ?? null,
    quiet: { zone: me?.time_zone, start, end, until },
  };
  const mentioned = more.mentions_all === true || (more.mentions ?? []).includes(person);
  return TELLING.has(decide(wishes, { text, mentioned, now: Date.now() }));
}

/** @param {Model} model @param {ChatRecord} record @param {Message} message @returns {News} */
function newsItem(model, { id, chat }, { seq, sender, text }) {
  const count = Math.max(1, chat.last_seq - chat.read_seq);
  // Who wants no words in pushes wants none on this screen either.
  if (model.notifications?.content === false) return { chat: id, seq, count, title: '', body: '' };
  const name = model.people.get(sender)?.name ?? '';
  const words = text.split(/\s+/).join(' ').slice(0, 240);
  if (chat.kind === 'direct') return { chat: id, seq, count, title: name, body: words };
  return { chat: id, seq, count, title: chat.title, body: name ? `${name}: ${words}` : words };
}
