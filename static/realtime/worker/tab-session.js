/**
 * The owner's end of one tab: runs its calls and sends diffs of what it watches.
 *
 * @module
 */

/**
 * @import { ChatView, ContactView, ListDiff } from '../contract.js'
 * @import { OpenAt } from '../timeline-types.js'
 * @import { OwnerMessage, TabMessage } from '../port-messages.js'
 * @import { Changes } from './model.js'
 * @import { Owner } from './owner.js'
 */

import { ParleyError } from '../both/failure.js';
import { whenReleased } from '../both/platform.js';
import { debugView } from './debug-view.js';
import { TimelineRange } from './timeline-range.js';
import { chatView, contactView } from './view-models.js';

/** @typedef {'connection' | 'me' | 'chats' | 'contacts' | 'news'} Topic */
/** @typedef {{ chats: ListDiff<ChatView>, contacts: ListDiff<ContactView> }} Shown */

/** @param {ListDiff<unknown>} diff */
const isEmpty = ({ put = [], remove = [] }) => !put.length && !remove.length;

export class TabSession {
  focused = false;
  #tab = '';
  /** @type {Map<number, Topic>} */
  #watches = new Map();
  /** @type {Map<number, TimelineRange>} */
  #ranges = new Map();
  #port;
  #owner;

  /**
   * @param {MessagePort} port
   * @param {Owner} owner
   */
  constructor(port, owner) {
    this.#port = port;
    this.#owner = owner;
    owner.sessions.add(this);
  }

  /** @param {TabMessage} message */
  handle(message) {
    switch (message.do) {
      case 'hello':
        this.#tab = message.tab;
        this.focused = message.focused;
        return this.#owner.pageOpened(message.facts);
      case 'held':
        return whenReleased(`parley-tab-${this.#tab}`, () => this.close());
      case 'focus':
        this.focused = message.focused;
        if (!message.focused) return;
        this.#owner.ownPresence.input();
        return this.#owner.connection.connectNow();
      case 'input':
        return this.#owner.ownPresence.input();
      case 'call':
        return void this.#call(message);
      case 'watch':
        if (message.topic === 'timeline') return this.#openTimeline(message);
        this.#watches.set(message.id, message.topic);
        return this.#pushWhole(message.topic, message.id);
      case 'unwatch':
        this.#watches.delete(message.id);
        this.#ranges.get(message.id)?.close();
        this.#ranges.delete(message.id);
        return;
      case 'bye':
        return this.close();
    }
  }

  /** Whether this tab shows notifications. */
  get watchesNews() {
    return [...this.#watches.values()].includes('news');
  }

  /** The tab is gone. */
  close() {
    this.#owner.sessions.delete(this);
    for (const range of this.#ranges.values()) range.close();
    this.#ranges.clear();
    this.#watches.clear();
    this.#port.close();
  }

  /** @param {Topic} topic @param {unknown} diff */
  push(topic, diff) {
    for (const [id, watched] of this.#watches) {
      if (watched === topic) this.#post({ is: 'diff', id, diff });
    }
  }

  /** Chats and contacts are known now, or were all replaced: send all of them. */
  pushAll() {
    for (const [id, topic] of this.#watches) {
      if (topic !== 'connection') this.#pushWhole(topic, id);
    }
  }

  /** The connection has caught up: ranges that could not be filled try again. */
  retryFailed() {
    for (const range of this.#ranges.values()) range.retryFailed();
  }

  /** @param {Changes} changes @param {Shown} shown */
  show(changes, { chats, contacts }) {
    if (changes.meta) this.push('me', this.#me());
    if (changes.pending.size) this.push('connection', this.#owner.connectionView);
    if (this.#owner.isListKnown) {
      if (!isEmpty(chats)) this.push('chats', chats);
      if (!isEmpty(contacts)) this.push('contacts', contacts);
    }
    for (const range of this.#ranges.values()) range.changed(changes);
    if (changes.live && changes.messages.size) void this.#pushNews(changes).catch(() => {});
  }

  /** Decide on notifications, if this tab watches them. @param {Changes} changes */
  async #pushNews(changes) {
    if (!this.watchesNews) return;
    const { newsOf } = await import('../../notifications/news.js');
    const news = newsOf(this.#owner, changes);
    if (news.length) this.push('news', news);
  }

  /** @param {Topic} topic @param {number} id */
  #pushWhole(topic, id) {
    const diff = this.#whole(topic);
    if (diff) this.#post({ is: 'diff', id, diff });
  }

  /** The complete diff of a topic, or null while it is not known. @param {Topic} topic */
  #whole(topic) {
    const { model, isListKnown } = this.#owner;
    if (topic === 'connection') return this.#owner.connectionView;
    if (topic === 'me') return this.#me();
    if (!isListKnown || topic === 'news') return null;
    if (topic === 'chats') {
      const put = [...model.chats.values()].map((record) => chatView(record, this.#owner));
      return { reset: true, put };
    }
    return { reset: true, put: [...model.contacts.values()].map((one) => contactView(one, model)) };
  }

  #me() {
    const { me, limits, motd, emoji, notifications, undelivered, report, waiting } = this.#owner.model;
    return me && limits && { me, limits, motd, emoji, notifications, undelivered, report, waiting };
  }

  /** @param {{ id: number, chat: string, at: OpenAt }} watch */
  #openTimeline({ id, chat, at }) {
    const range = new TimelineRange(chat, at, {
      owner: this.#owner,
      isFocused: () => this.focused,
      emit: (diff) => this.#post({ is: 'diff', id, diff }),
    });
    this.#ranges.set(id, range);
    this.#owner.receipts.opened(chat);
  }

  /** @param {{ id: number, name: string, args: any[], again: boolean }} call */
  async #call({ id, name, args, again }) {
    try {
      this.#post({ is: 'result', id, value: await this.#run(name, args, again) });
    } catch (error) {
      if (!(error instanceof ParleyError)) console.error(error);
      this.#post({ is: 'failure', id, failure: ParleyError.plain(error) });
    }
  }

  /** @param {string} name @param {any[]} args @param {boolean} again */
  async #run(name, args, again) {
    const context = { owner: this.#owner, range: this.#range.bind(this), again };
    if (Object.hasOwn(CALLS, name)) return CALLS[name](context, ...args);
    const { request } = await import('./requests.js').catch(() => {
      throw new ParleyError('offline');
    });
    return request(this.#owner, name, args);
  }

  /** @param {number} id */
  #range(id) {
    const range = this.#ranges.get(id);
    if (!range) throw new ParleyError('not_found');
    return range;
  }

  /** @param {OwnerMessage} message */
  #post(message) {
    this.#port.postMessage(message);
  }
}

/**
 * @typedef {object} CallContext
 * @property {Owner} owner
 * @property {(id: number) => TimelineRange} range the range behind a watch of this tab
 * @property {boolean} again an owner before this one may have carried out the call
 */

/**
 * The calls of a tab, by name. Commands go to the command layer untouched; only messages, files,
 * drafts, typing, reactions, reading and marking as unread have logic in the owner.
 *
 * @type {Record<string, (context: CallContext, ...args: any[]) => unknown>}
 */
const CALLS = {
  command({ owner }, command) {
    const send = () => owner.commands.send(command);
    return command.marked_unread || command.unread_from ? owner.receipts.mark(command, send) : send();
  },
  react: ({ owner }, command) => owner.react(command),

  send: ({ owner, again }, chat, message) => owner.messageSender.queue(chat, message, again),
  forward: ({ owner, again }, chat, message) => owner.messageSender.queueApart(chat, message, again),
  retry: ({ owner }, clientId) => owner.outbox.retry(clientId),
  discard: ({ owner }, clientId, thread) => owner.outbox.discard(clientId, thread),
  draft: ({ owner }, chat) => owner.restored.then(() => owner.drafts.of(chat)),
  saveDraft: ({ owner }, chat, text, reply) =>
    owner.restored.then(() => owner.drafts.save(chat, { text, reply })),
  addFiles: ({ owner }, chat, files, thread) => owner.restored.then(() => owner.uploads.add(chat, files, thread)),
  removeUpload: ({ owner }, upload) => owner.removeUpload(upload),
  retryUpload: ({ owner }, upload) => owner.retryUpload(upload),
  sendAsFile: ({ owner }, upload) => owner.sendAsFile(upload),
  fileBytes: ({ owner }, upload) => owner.restored.then(() => owner.uploads.blob(upload)),
  typing: ({ owner }, chat) => owner.typing.writing(chat),

  read: ({ owner }, chat, seq) => owner.receipts.looked(chat, seq),
  markRead: ({ owner }, chats) => owner.restored.then(() => owner.receipts.allSeen(chats)),
  loadBefore: ({ range }, watch) => range(watch).loadBefore(),
  loadAfter: ({ range }, watch) => range(watch).loadAfter(),
  jump: ({ range }, watch, at) => range(watch).open(at),
  follow: ({ range }, watch, sticking) => range(watch).follow(sticking),

  reconnect: ({ owner }) => owner.connection.connectNow(),
  forget: ({ owner }) => owner.lifecycle.forget(),
  debug: ({ owner }) => debugView(owner),
};
