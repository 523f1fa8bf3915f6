/**
 * The owner of one person's connection, cache and outbox: makes the parts and wires them together.
 * One for all tabs in the SharedWorker, or one in each tab where there is none.
 *
 * @module
 */

/** @import { Command, ConnectionView, WithoutRef } from '../contract.js' */
/** @import { DebugView, PageFacts } from '../port-messages.js' */
/** @import { Upload } from '../stored-types.js' */
/** @import { React, Unreact } from '../wire.js' */
/** @import { LocalStore } from './store/local-store.js' */
/** @import { TabSession } from './tab-session.js' */

import { Http } from '../both/http.js';
import { quoteOf } from '../both/quotes.js';
import { ChangePipeline } from './change-pipeline.js';
import { ChatLoader } from './chat-loader.js';
import { Commands } from './commands.js';
import { Connection } from './connection.js';
import { ConnectionHandler } from './connection-handler.js';
import { ConnectionStatus } from './connection-status.js';
import { Drafts } from './drafts.js';
import { Files } from './files.js';
import { History } from './history.js';
import { Leadership } from './leadership.js';
import { Lifecycle } from './lifecycle.js';
import { Members } from './members.js';
import { MessageSender } from './message-sender.js';
import { Model } from './model.js';
import { MuteTimers } from './mute-timers.js';
import { Outbox } from './outbox.js';
import { OwnPresence } from './own-presence.js';
import { PendingReactions } from './pending-reactions.js';
import { Receipts } from './receipts.js';
import { Resumer } from './resumer.js';
import { CacheWriter } from './store/cache-writer.js';
import { Sync } from './sync.js';
import { Typing } from './typing.js';
import { Uploads } from './uploads.js';

export class Owner {
  /** Whether chats and contacts are known: cached, or sent in full. */
  isListKnown = false;
  /** @type {Set<TabSession>} */
  sessions = new Set();
  changes = new ChangePipeline(this);
  lifecycle = new Lifecycle(this);
  connectionHandler = new ConnectionHandler(this);
  chatLoader = new ChatLoader(this);
  messageSender = new MessageSender(this);
  files = new Files(this);
  status = new ConnectionStatus(() => this.pushConnection());

  /**
   * @param {string} person
   * @param {LocalStore} database
   * @param {DebugView['host']} host
   */
  constructor(person, database, host) {
    const { origin } = self.location;
    const changes = () => this.changes.local();
    const chatChanged = (/** @type {string} */ chat) => changes().chats.add(chat);
    const whileSynced = (/** @type {Command} */ command) =>
      this.sync.synced ? this.commands.send(command) : null;
    const forget = (/** @type {Command} */ command) => whileSynced(command)?.catch(() => {});

    this.host = host;
    this.model = new Model(person);
    this.cacheWriter = new CacheWriter(this);
    this.http = new Http(origin, () => this.lifecycle.signedOut());
    const cursor = () => this.model.cursor();
    this.connection = new Connection({ origin, http: this.http, cursor }, this.connectionHandler);
    this.commands = new Commands(this.connection, this.http, () => this.sync.synced);
    this.resumer = new Resumer(this);
    this.typing = new Typing({
      changed: chatChanged,
      send: (chat) => void forget({ type: 'typing', chat }),
    });
    this.ownPresence = new OwnPresence((state) => void forget({ type: 'presence', state }));
    this.muteTimers = new MuteTimers(chatChanged);
    this.members = new Members(this);
    this.pendingReactions = new PendingReactions((chat, seq) => changes().row(chat, seq));
    this.drafts = new Drafts(database, {
      changed: chatChanged,
      save: (draft) => whileSynced({ type: 'draft', ...draft }),
      quote: async (chat, seq) => quoteOf(await this.chatLoader.message(chat, seq)),
    });
    this.sync = new Sync(this);
    this.history = new History(this);
    this.receipts = new Receipts(this);
    const open = () => this.sync.synced || this.status.mayUseHttp;
    const stored = () => this.leadership.announceChange();
    this.uploads = new Uploads(database, {
      http: this.http,
      open,
      isSent: (id) => this.outbox.withFile(id) !== undefined,
      changed: (upload, isProgress) => this.#uploadChanged(upload, isProgress),
      stored,
    });
    this.outbox = new Outbox(database, {
      open,
      files: this.uploads,
      send: (entry) => this.messageSender.send(entry),
      hasApplied: (chat, rev) => this.model.hasApplied(chat, rev),
      isMixed: () => this.status.isMixed,
      changed: (chat) => {
        chatChanged(chat);
        changes().pending.add(chat);
        this.leadership.checkLeader();
      },
      stored,
    });
    database.lost = () => {
      this.outbox.databaseEmptied();
      this.uploads.databaseEmptied();
      this.drafts.databaseEmptied();
    };
    this.leadership = new Leadership(person, {
      elected: () => void this.lifecycle.elected(),
      lost: () => {
        this.cacheWriter.stopLeading();
        this.outbox.setLeading(false);
        this.uploads.setLeading(false);
      },
      unsentChanged: () => void this.lifecycle.loadUnsent(database),
      hasUnsent: () => this.outbox.queued > 0 || this.uploads.waiting > 0,
    });
    /** Resolves when unsent messages and drafts have been read. */
    this.restored = this.lifecycle.loadUnsent(database);
    this.lifecycle.start();
  }

  /** Whether the person looks at one of the tabs: then they need no push. */
  get isLookedAt() {
    return !this.ownPresence.away && [...this.sessions].some(({ focused }) => focused);
  }

  /** A page was opened: its token is the newest. @param {PageFacts} facts */
  pageOpened({ csrf, release, former }) {
    this.model.former = former;
    this.http.csrf = csrf;
    this.status.pageRelease = release;
    if (this.status.signedIn()) this.lifecycle.signedIn();
  }

  /** Chats and contacts are known from now on: send all of them to the tabs. */
  listKnown() {
    if (this.isListKnown) return;
    this.isListKnown = true;
    for (const session of this.sessions) session.pushAll();
  }

  /** Show a reaction as the command leaves it, and send that. @param {WithoutRef<React | Unreact>} command */
  react(command) {
    return this.pendingReactions.show(command, () => this.commands.send(command));
  }

  /** @param {Upload} upload @param {boolean} isProgress */
  #uploadChanged({ id, chat }, isProgress) {
    const changes = this.changes.local();
    if (this.outbox.withFile(id)) changes.pending.add(chat);
    else changes.chats.add(chat);
    if (isProgress) return;
    this.leadership.checkLeader();
    this.outbox.sendNext();
  }

  /** Remove a file from a draft or an unsent message. @param {string} upload */
  async removeUpload(upload) {
    const taken = this.outbox.withFile(upload) && this.outbox.removeFile(upload);
    // Both at once, or the file would show in the draft for a moment.
    if (this.outbox.withFile(upload)) await taken;
    else await Promise.all([taken, this.uploads.remove(upload)]);
    this.outbox.sendNext();
  }

  /** Try a failed file again, and the message that was refused for it. @param {string} upload */
  async retryUpload(upload) {
    const entry = this.outbox.withFile(upload);
    await (entry?.state === 'refused' ? this.outbox.retry(entry.client_id) : this.uploads.retry(upload));
  }

  /** Send a refused picture as it is, and the message that was refused for it. @param {string} upload */
  async sendAsFile(upload) {
    await this.uploads.sendAsFile(upload);
    const entry = this.outbox.withFile(upload);
    if (entry?.state === 'refused') await this.outbox.retry(entry.client_id);
  }

  /** @returns {ConnectionView} */
  get connectionView() {
    const { state, retryAt, otherRelease: release } = this.status;
    const { queued, unstored } = this.outbox;
    const { isStopped: uncached } = this.cacheWriter;
    return { state, retryAt, queued, unstored, uncached, release };
  }

  pushConnection() {
    for (const session of this.sessions) session.push('connection', this.connectionView);
  }
}
