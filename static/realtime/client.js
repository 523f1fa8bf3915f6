/**
 * What views talk to: the page's client of the owner. It holds copies, which the owner keeps current.
 *
 *     const client = connect();
 *     const stop = client.watchChats(({ chats }) => render(chats));
 *     const timeline = client.openTimeline(chat, { at: 'unread' }, () => render(timeline.state));
 *
 * Every promise rejects with a `ParleyError` (`both/failure.js`), never with another error.
 *
 * @module
 */

/** @import { FileRequests } from '../files/types.js' */
/**
 * @import { ChatView, ChosenFile, Command, ConnectionView, ContactView, ExistingFile, ListDiff, MeView, News } from './contract.js'
 * @import { OpenAt, TimelineDiff } from './timeline-types.js'
 * @import { DebugView, PageFacts } from './port-messages.js'
 * @import { Requests } from './request-types.js'
 * @import { DraftView } from './stored-types.js'
 * @import { Ack, Quote } from './wire.js'
 */

import { uuid } from './both/platform.js';
import { OwnerClient } from './tab/owner-client.js';
import { Timeline } from './tab/timeline.js';

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
    /** Id of the person the page was rendered for. */
    this.person = facts.person;
    this.#owner = owner;
    /** @type {Topic<ConnectionView, ConnectionView>} */
    this.connection = new Topic(owner, 'connection', (_, next) => next);
    /** @type {Topic<MeView, MeView>} */
    this.me = new Topic(owner, 'me', (_, next) => next);
    /** @type {Topic<ChatView[], ListDiff<ChatView>>} */
    this.chats = new Topic(owner, 'chats', keyedList(({ id }) => id, byActivity));
    /** @type {Topic<ContactView[], ListDiff<ContactView>>} */
    this.contacts = new Topic(owner, 'contacts', keyedList(({ person }) => person.id, byName));
  }

  /**
   * Each `watch*` calls back once there is a value, then after every change, until the returned
   * function is called. Chats and contacts are not known (show a skeleton, not "none") until they
   * come from the cache or from the server.
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

  /** In the order of the chat list. @param {(chats: ChatView[]) => void} callback */
  watchChats(callback) {
    return this.chats.watch(callback);
  }

  /**
   * By name, in every state but `none`.
   *
   * @param {(contacts: ContactView[]) => void} callback
   */
  watchContacts(callback) {
    return this.contacts.watch(callback);
  }

  /**
   * Messages to notify the reader of while they look at no tab of this browser, and changes of
   * unread ones.
   *
   * @param {(news: News[]) => void} callback
   */
  watchNews(callback) {
    return this.#owner.watch({ topic: 'news' }, (news) => callback(/** @type {News[]} */ (news)));
  }

  /**
   * Open a chat. `changed` is called after each diff has been applied to `timeline.state`; close the
   * timeline with its view.
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
   * @param {Quote | null} [reply] what it replies to (`quoteOf` in `both/quotes.js`)
   * @param {string} [client_id] the same one again is the same message
   * @param {string[]} [files] ids of files given to `addFiles`
   * @returns {Promise<string>} the client id
   */
  async send(chat, text, reply = null, client_id = uuid(), files = []) {
    await this.#owner.deliver('send', chat, { text, quote: reply, client_id, files });
    return client_id;
  }

  /**
   * Queue a message that the person forwards. The draft of the chat stays as it is.
   *
   * @param {string} chat
   * @param {{ client_id: string, text: string, files: ExistingFile[] }} message
   * @returns {Promise<void>}
   */
  forward(chat, { client_id, text, files }) {
    return this.#owner.deliver('forward', chat, { text, quote: null, client_id, existing: files });
  }

  /**
   * Queue a reply that was written in its thread. The draft of the chat stays as it is.
   *
   * @param {string} chat
   * @param {{ client_id: string, text: string, quote: Quote | null, files: string[] }} message
   * @returns {Promise<void>}
   */
  reply(chat, message) {
    return this.#owner.deliver('send', chat, { ...message, isApart: true });
  }

  /**
   * Add files to the draft of a chat: they are stored and uploaded at once, and come in `ChatView`.
   *
   * @param {string} chat
   * @param {(ChosenFile | ExistingFile)[]} files
   * @param {number | null} [thread] to the draft in the thread that begins with this message
   * @returns {Promise<void>} when they are stored, or cannot be
   */
  addFiles(chat, files, thread = null) {
    return this.#owner.deliver('addFiles', chat, files, thread);
  }

  /**
   * Remove a file from a draft or an unsent message.
   *
   * @param {string} upload
   * @returns {Promise<void>} rejects with `not_found` or `conflict`, as `discard`
   */
  cancelUpload(upload) {
    return this.#owner.call('removeUpload', upload);
  }

  /** Try a failed file again. @param {string} upload @returns {Promise<void>} */
  retryUpload(upload) {
    return this.#owner.call('retryUpload', upload);
  }

  /** Send a picture that the server refused as it is. @param {string} upload @returns {Promise<void>} */
  sendAsFile(upload) {
    return this.#owner.call('sendAsFile', upload);
  }

  /** The bytes of a file that is not sent yet. @param {string} upload @returns {Promise<Blob | null>} */
  fileBytes(upload) {
    return this.#owner.call('fileBytes', upload);
  }

  /** Try a refused message again. @param {string} clientId @returns {Promise<void>} */
  retry(clientId) {
    return this.#owner.call('retry', clientId);
  }

  /**
   * Take an unsent message out of the queue.
   *
   * @param {string} clientId
   * @param {number | null} [thread] where its text goes, and its files: to the draft in that thread
   * @returns {Promise<string>} its text; rejects with `not_found` when it has been sent, with
   *   `conflict` when it may have been: it was tried and no reply has come
   */
  discard(clientId, thread = null) {
    return this.#owner.call('discard', clientId, thread);
  }

  /**
   * The draft of a chat; changes by other tabs and devices come in `ChatView`.
   *
   * @param {string} chat
   * @returns {Promise<DraftView>}
   */
  draft(chat) {
    return this.#owner.call('draft', chat);
  }

  /**
   * Call at every change: the owner stores and sends it after a pause.
   *
   * @param {string} chat
   * @param {string} text
   * @param {Quote | null} [reply]
   */
  saveDraft(chat, text, reply = null) {
    return /** @type {Promise<void>} */ (this.#owner.deliver('saveDraft', chat, text, reply));
  }

  /** Call at every key that adds to a text: sent at most every 3 s. @param {string} chat */
  typing(chat) {
    return /** @type {Promise<void>} */ (this.#owner.call('typing', chat));
  }

  /**
   * Shown at once, and removed when the command fails.
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

  /**
   * Mark chats as read up to their newest entries, at once, also offline.
   *
   * @param {string[] | null} chats null: all of them
   * @returns {Promise<void>}
   */
  markRead(chats) {
    return this.#owner.call('markRead', chats).catch(() => {});
  }

  /** Try to connect now instead of waiting for the next attempt. @returns {Promise<void>} */
  reconnect() {
    return this.#owner.call('reconnect');
  }

  /**
   * Call before signing out: closes the connection of all tabs and deletes the person's cache.
   * Unsent messages and drafts stay for their next sign-in.
   *
   * @returns {Promise<void>}
   */
  forget() {
    return this.#owner.call('forget');
  }

  /**
   * Have the owner make an HTTP request.
   *
   * @template {keyof (Requests & FileRequests)} Name
   * @param {Name} name
   * @param {Parameters<(Requests & FileRequests)[Name]>} args
   * @returns {ReturnType<(Requests & FileRequests)[Name]>}
   */
  request(name, ...args) {
    return /** @type {any} */ (this.#owner.call(name, ...args));
  }

  /** @returns {Promise<DebugView>} */
  debug() {
    return this.#owner.call('debug');
  }
}

/**
 * A value that a tab watches: many listeners, one watch on the owner while there are any.
 *
 * @template T what listeners get
 * @template D the diffs that the owner sends
 */
class Topic {
  /** @type {Set<(value: T) => void>} */
  #listeners = new Set();
  /** @type {(() => void) | null} */
  #stop = null;
  /** @type {T | null} */
  #value = null;
  #owner;
  #name;
  #apply;

  /**
   * @param {OwnerClient} owner
   * @param {'connection' | 'me' | 'chats' | 'contacts'} name
   * @param {(value: T | null, diff: D) => T} apply
   */
  constructor(owner, name, apply) {
    this.#owner = owner;
    this.#name = name;
    this.#apply = apply;
  }

  /** The present value; null before the first diff. */
  get value() {
    return this.#value;
  }

  /**
   * @param {(value: T) => void} listener
   * @returns {() => void} removes the listener
   */
  watch(listener) {
    this.#listeners.add(listener);
    if (this.#value !== null) {
      const value = this.#value;
      queueMicrotask(() => this.#listeners.has(listener) && listener(value));
    }
    this.#stop ??= this.#owner.watch({ topic: this.#name }, (diff) => this.#applyDiff(diff));
    return () => this.#remove(listener);
  }

  /** @param {unknown} diff */
  #applyDiff(diff) {
    this.#value = this.#apply(this.#value, /** @type {D} */ (diff));
    for (const listener of [...this.#listeners]) listener(this.#value);
  }

  /** @param {(value: T) => void} listener */
  #remove(listener) {
    this.#listeners.delete(listener);
    if (this.#listeners.size || !this.#stop) return;
    this.#stop();
    this.#stop = null;
    this.#value = null;
  }
}

/**
 * Applies diffs to a sorted copy of a keyed list.
 *
 * @template T
 * @param {(item: T) => string} key
 * @param {(a: T, b: T) => number} order
 */
function keyedList(key, order) {
  /** @type {Map<string, T>} */
  const items = new Map();
  /** @param {unknown} _ @param {ListDiff<T>} diff @returns {T[]} a new array */
  return (_, { reset = false, put = [], remove = [] }) => {
    if (reset) items.clear();
    for (const item of put) items.set(key(item), item);
    for (const one of remove) items.delete(one);
    return [...items.values()].sort(order);
  };
}

/** @type {Client | null} */
let shared = null;

/** The one client of this page. @returns {Client} */
export function connect() {
  if (!shared) {
    const facts = /** @type {PageFacts} */ (/** @type {unknown} */ ({ ...document.body.dataset }));
    shared = new Client(facts, new OwnerClient(facts));
  }
  return shared;
}
