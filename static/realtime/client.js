/**
 * The tab's side of the connection: what views talk to. It keeps copies, never the truth.
 *
 *     const client = connect();
 *     const stop = client.watchChats(({ chats }) => render(chats));
 *     const timeline = client.openTimeline(chat, { at: 'unread' }, () => render(timeline.state));
 *
 * Lists and links that are needed less often come by `tab/lists.js` and its neighbours.
 *
 * Every promise rejects with a `ParleyError` (`failure.js`), never with anything else.
 *
 * @module
 */

/**
 * @import { ChatView, Command, ConnectionView, ContactView, DebugView, DraftView, ListDiff, MeView,
 *   News, OpenAt, PageFacts, TimelineDiff } from './contract.js'
 * @import { Ack, Quote } from './wire.js'
 */

import { uuid } from './both/ids.js';
import { OwnerClient, toOwner } from './tab/owner-client.js';
import { Timeline } from './tab/timeline.js';
import { KeyedList, Topic } from './tab/topic.js';

/** Pinned chats first, then by newest activity. @param {ChatView} a @param {ChatView} b */
const byActivity = (a, b) =>
  Number(b.pinned) - Number(a.pinned) || (a.active_at < b.active_at ? 1 : -1);

/** @param {ContactView} a @param {ContactView} b */
const byName = (a, b) => a.person.name.localeCompare(b.person.name);

export class Client {
  /** @type {OwnerClient} */
  #owner;

  /** @param {PageFacts} facts @param {OwnerClient} owner */
  constructor(facts, owner) {
    /** Id of the person this page belongs to. */
    this.person = facts.person;
    this.#owner = owner;
    /** @type {Topic<ConnectionView, ConnectionView>} */
    this.connection = new Topic(owner, 'connection', (_, next) => next);
    /** @type {Topic<MeView, MeView>} */
    this.me = new Topic(owner, 'me', (_, next) => next);
    const chats = new KeyedList((/** @type {ChatView} */ chat) => chat.id, byActivity);
    /** @type {Topic<ChatView[], ListDiff<ChatView>>} */
    this.chats = new Topic(owner, 'chats', (_, diff) => chats.apply(diff));
    const contacts = new KeyedList((/** @type {ContactView} */ c) => c.person.id, byName);
    /** @type {Topic<ContactView[], ListDiff<ContactView>>} */
    this.contacts = new Topic(owner, 'contacts', (_, diff) => contacts.apply(diff));
  }

  /**
   * Each `watch*` calls back once something is known, then after every change, until the returned
   * function is called. Chats and contacts are not known (a skeleton, not "none") until the cache
   * held them or the server has sent them.
   *
   * @param {(view: ConnectionView) => void} callback
   */
  watchConnection(callback) {
    return this.connection.watch(callback);
  }

  /** @param {(view: MeView) => void} callback */
  watchMe(callback) {
    return this.me.watch(callback);
  }

  /** In the order of the list. @param {(chats: ChatView[]) => void} callback */
  watchChats(callback) {
    return this.chats.watch(callback);
  }

  /**
   * Of every state but `none`: who is absent is nothing to the reader. By name.
   *
   * @param {(contacts: ContactView[]) => void} callback
   */
  watchContacts(callback) {
    return this.contacts.watch(callback);
  }

  /**
   * What the reader is to be told of while they look at no tab of this browser.
   *
   * @param {(news: News[]) => void} callback
   */
  watchNews(callback) {
    return this.#owner.watch({ topic: 'news' }, (news) => callback(/** @type {News[]} */ (news)));
  }

  /**
   * Open a window on a chat. `changed` is called after each diff has been applied to
   * `timeline.state`; close the timeline when its view goes.
   *
   * @param {string} chat
   * @param {{ at?: OpenAt }} where
   * @param {(diff: TimelineDiff, timeline: Timeline) => void} changed
   */
  openTimeline(chat, { at = 'unread' }, changed) {
    return new Timeline(this.#owner, { chat, at, changed });
  }

  /**
   * Queue a message: it is stored and shown at once, also offline, and the draft is emptied.
   *
   * @param {string} chat
   * @param {string} text
   * @param {Quote | null} [reply] what it answers (`quoteOf` in `quotes.js`)
   * @param {string} [client_id] the same one again is the same message
   * @returns {Promise<string>} the client id
   */
  async send(chat, text, reply = null, client_id = uuid()) {
    await this.#owner.deliver('send', chat, { text, quote: reply, client_id });
    return client_id;
  }

  /** Try a refused message again. @param {string} clientId @returns {Promise<void>} */
  retry(clientId) {
    return this.#owner.call('retry', clientId);
  }

  /**
   * Take an unsent message out of the queue and give its text back to the composer.
   *
   * @param {string} clientId
   * @returns {Promise<string>} its text; rejects with `not_found` when it has been sent meanwhile,
   *   with `conflict` when it may have been: it was tried and no answer has come
   */
  discard(clientId) {
    return this.#owner.call('discard', clientId);
  }

  /**
   * What is being written; what comes from other tabs and devices is in `ChatView`.
   *
   * @param {string} chat
   * @returns {Promise<DraftView>}
   */
  draft(chat) {
    return this.#owner.call('draft', chat);
  }

  /**
   * Call at every change: writing is gathered, here and on the way to the server.
   *
   * @param {string} chat
   * @param {string} text
   * @param {Quote | null} [reply]
   */
  saveDraft(chat, text, reply = null) {
    return /** @type {Promise<void>} */ (this.#owner.deliver('saveDraft', chat, text, reply));
  }

  /** Call at every key that adds to a text: said at most every 3 s. @param {string} chat */
  typing(chat) {
    return /** @type {Promise<void>} */ (this.#owner.call('typing', chat));
  }

  /**
   * Shown at once, and taken back when it is refused.
   *
   * @param {string} chat
   * @param {number} seq
   * @param {string} emoji
   * @returns {Promise<void>}
   */
  react(chat, seq, emoji) {
    return this.#owner.call('react', { type: 'react', chat, seq, emoji });
  }

  /** @param {string} chat @param {number} seq @param {string} emoji @returns {Promise<void>} */
  unreact(chat, seq, emoji) {
    return this.#owner.call('react', { type: 'unreact', chat, seq, emoji });
  }

  /**
   * Send a command (apps/wire/commands.py): over the connection, or by POST while there is none.
   * Messages, drafts, typing and reactions have methods of their own here.
   *
   * @param {Command} command
   * @returns {Promise<Ack>} once it is committed; what it changes comes by the watches
   */
  command(command) {
    return this.#owner.call('command', command);
  }

  /** Try to connect now instead of waiting for the next attempt. @returns {Promise<void>} */
  reconnect() {
    return this.#owner.call('reconnect');
  }

  /**
   * Before signing out: close the connection of all tabs and delete what is cached of this person.
   * Unsent messages and drafts stay for their next sign-in.
   *
   * @returns {Promise<void>}
   */
  forget() {
    return this.#owner.call('forget');
  }

  /**
   * Have the owner make an HTTP request (worker/requests.js). Views use the modules that name them:
   * `tab/lists.js`, `tab/group-links.js`, `tab/scheduled-messages.js`.
   *
   * @param {string} name
   * @param {unknown[]} args
   */
  request(name, ...args) {
    return this.#owner.call(name, ...args);
  }

  /** @returns {Promise<DebugView>} */
  debug() {
    return this.#owner.call('debug');
  }
}

/** @type {Client | null} */
let shared = null;

/** The one client of this page. @returns {Client} */
export function connect() {
  if (!shared) {
    const { person = '', release = '', csrf = '' } = document.body.dataset;
    const facts = { person, release, csrf };
    shared = new Client(facts, new OwnerClient(facts, toOwner));
  }
  return shared;
}
