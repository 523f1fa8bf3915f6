/**
 * The owner of one person's connection, cache and outbox: wires the parts together and passes on
 * what changed. One for all tabs in the SharedWorker, or one in each tab where there is none.
 *
 * @module
 */

/** @import { Command, ConnectionView, DebugView, OutboxEntry, PageFacts, WithoutRef } from '../contract.js' */
/** @import { AnyEvent, Chat, Member, Message, Position, Quote, React, Unreact } from '../wire.js' */
/** @import { ChatRecord } from './model.js' */
/** @import { TabSession } from './tab-session.js' */
/** @import { AckPosition } from './outbox.js' */

import { OwnPresence } from './own-presence.js';
import { newestSpanHashes } from './self-check.js';
import { Commands } from './commands.js';
import { Connection } from './connection.js';
import { Drafts } from './drafts.js';
import { ParleyError } from '../both/failure.js';
import { History } from './history.js';
import { Http } from '../both/http.js';
import { Members } from './members.js';
import { Changes, Model } from './model.js';
import { MuteTimers } from './mute-timers.js';
import { LeaderLock } from './leader-lock.js';
import { Outbox } from './outbox.js';
import { quoteOf } from '../both/quotes.js';
import { ConnectionStatus } from './connection-status.js';
import { Receipts } from './receipts.js';
import { Resumer } from './resumer.js';
import { spanAt } from './spans.js';
import { CacheWriter } from './store/cache-writer.js';
import { UnsentDatabase } from './store/unsent-database.js';
import { Sync } from './sync.js';
import { Typing } from './typing.js';
import { chatView, contactView } from './view-models.js';
import { PendingReactions } from './pending-reactions.js';

/** Another owner of this person that is closing (a reloaded page) gets this long to be gone. */
const LEADER_WAIT_MS = 250;
/** A leader that says nothing for so long is suspended by its browser. */
const LEADER_TIMEOUT_MS = 2000;
/** Between such questions, while something waits to be sent. */
const LEADER_PAUSE_MS = 5000;
/** When what is unsent could not be read. */
const READ_RETRY_MS = 5000;
/** Servers of two releases run beside each other no longer than this. */
const MIXED_RELEASES_MS = 10 * 60_000;
/** How long others' presence is still shown after the connection is lost. */
const PRESENCE_TTL_MS = 10_000;
/** An acknowledged message comes by the stream at once; later than this, its event was lost. */
const EVENT_TIMEOUT_MS = 2_000;
/** Among so many rows a repeated message is looked for. */
const RECENT_ROWS = 200;

export class Owner {
  /** Whether chats and contacts are known: cached, or sent in full. */
  listed = false;
  /** @type {Set<TabSession>} */
  sessions = new Set();
  #status = new ConnectionStatus(() => this.#tellConnection());
  /** @type {string | null} */
  #release = null;
  #pageRelease = '';
  /** Since when the server's release has been another than the page's. */
  #releasesDiffer = 0;
  /** Waits for the leader's answer, or for the next question. */
  #leaderTimer = 0;
  #isReadingMine = false;
  #isMineChanged = false;
  /** Frames that came before the cache was read; null once it is. @type {AnyEvent[][] | null} */
  #inbox = [];
  /** Local changes of this turn, not yet passed on. @type {Changes | null} */
  #local = null;
  /** The frame being applied: what it causes belongs to it. @type {Changes | null} */
  #frame = null;
  /** Chats whose positions were asked for on this connection. @type {Set<string>} */
  #placed = new Set();
  #presenceTimer = 0;

  /**
   * @param {string} person
   * @param {UnsentDatabase} mine
   * @param {DebugView['host']} host
   */
  constructor(person, mine, host) {
    const { origin } = self.location;
    this.host = host;
    this.mine = mine;
    this.model = new Model(person);
    this.cacheWriter = new CacheWriter(this.model, {
      members: () => [...this.model.chats.keys()].flatMap((chat) => this.#membersToKeep(chat)),
      stopped: () => this.#tellConnection(),
    });
    this.http = new Http(origin, () => this.#signedOut());
    const cursor = () => this.model.cursor();
    this.connection = new Connection({ origin, http: this.http, cursor }, {
      opened: (asks) => this.#opened(asks),
      frame: (events) => (this.#inbox ? this.#inbox.push(events) : this.#take(events)),
      closed: (retryAt) => this.#closed(retryAt),
      signedOut: () => this.#signedOut(),
      outdated: () => this.#status.outdated(),
    });
    this.commands = new Commands(this.connection, this.http, () => this.sync.synced);
    this.resumer = new Resumer(this.commands, this.model, {
      held: () => newestSpanHashes(this.model, this.cacheWriter.cache),
      failed: () => this.connection.renew(),
    });
    this.typing = new Typing({
      changed: (chat) => this.#touched().chats.add(chat),
      say: (chat) => this.#mention({ type: 'typing', chat }),
    });
    this.muteTimers = new MuteTimers((chat) => this.#touched().chats.add(chat));
    this.ownPresence = new OwnPresence((state) => this.#mention({ type: 'presence', state }));
    this.members = new Members(this.model, {
      fetch: async (chat) => {
        /** @type {{ items: Member[], former: Member[] }} */
        const { items, former } = await this.http.get(`/chats/${chat}/members`);
        return [...former, ...items];
      },
      cache: () => this.cacheWriter.cache,
      touched: () => this.#touched(),
    });
    this.pendingReactions = new PendingReactions((chat, seq) => this.#touched().row(chat, seq));
    this.drafts = new Drafts(mine, {
      changed: (chat) => this.#touched().chats.add(chat),
      save: (draft) => (this.sync.synced ? this.commands.send({ type: 'draft', ...draft }) : null),
      quote: async (chat, seq) => quoteOf(await this.message(chat, seq)),
    });
    this.sync = new Sync(this.model, this, () => this.resumer.missing());
    this.history = new History(this.http, this.model, {
      store: (record, messages) => void this.cacheWriter.savePage(record, messages),
      healed: (record, messages) => this.sync.replaceEntries(record, messages, this.#touched()),
    });
    this.receipts = new Receipts(this.model, {
      report: (positions) =>
        this.sync.synced
          ? this.commands.send({ type: 'receipts', positions, visible: this.#looking })
          : null,
      touched: () => this.#touched(),
    });
    this.#elsewhere = new BroadcastChannel(`parley-mine-${person}`);
    this.#elsewhere.onmessage = ({ data }) => this.#heardElsewhere(data);
    mine.lost = () => {
      this.outbox.databaseEmptied();
      this.drafts.databaseEmptied();
    };
    this.#only = new LeaderLock(`parley-owner-${person}`, {
      gained: () => this.#gained(),
      lost: () => this.#lostLead(),
    });
    this.outbox = new Outbox(mine, {
      open: () => this.sync.synced || this.#status.mayUseHttp,
      send: (entry) => this.#carry(entry),
      hasApplied: (chat, rev) => this.#passed(chat, rev),
      isMixed: () => this.#isMixed,
      changed: (chat) => {
        this.#touched().chats.add(chat);
        this.#touched().pending.add(chat);
        this.#watchLeader();
      },
      stored: () => this.#elsewhere.postMessage('changed'),
    });
    this.restored = this.#reloadMine();
    this.#ready = this.#start();
  }

  /** Whether this owner sends and stores for the others, too. */
  get leader() {
    return this.#only.isHeld;
  }

  /** Whether the person looks at one of the tabs: then they need no push. */
  get #looking() {
    return !this.ownPresence.away && [...this.sessions].some(({ focused }) => focused);
  }

  /** The cache has been read. @type {Promise<void>} */
  #ready;

  /** Other owners of this person (another release, another tab) share the `mine` database. */
  #elsewhere;

  #only;
  /** Called when the lock is held, while the start waits for that. */
  #leads = () => {};

  async #start() {
    this.connection.start();
    await this.restored;
    const leads = new Promise((resolve) => {
      this.#leads = () => resolve(true);
      setTimeout(() => resolve(false), LEADER_WAIT_MS);
    });
    this.#only.wait();
    const isFirst = await leads;
    this.#leads = () => void this.#promoted();
    if (isFirst) await this.#open();
    const frames = this.#inbox ?? [];
    this.#inbox = null;
    for (const events of frames) this.#take(events);
  }

  /** Read the cache and send what waits. */
  async #open() {
    await this.cacheWriter.open();
    this.#list(this.model.epoch !== null);
    this.receipts.restore();
    // Perhaps it was stolen while the cache was read.
    this.outbox.setLeading(this.leader);
  }

  #gained() {
    this.#stopWatching();
    this.#leads();
  }

  /** The owner before us is gone: take over its cache and queue, and begin again from there. */
  async #promoted() {
    if (this.#status.state === 'signed_out') return;
    this.#inbox ??= [];
    this.listed = false;
    this.model.clear();
    await this.#open();
    this.#inbox = null;
    this.connection.renew();
    this.connection.hurry();
  }

  /** Another owner had no answer from this one, and leads now. */
  #lostLead() {
    this.cacheWriter.stopLeading();
    this.outbox.setLeading(false);
  }

  /** What waits is the leader's to send: ask whether it is there. */
  #watchLeader() {
    if (this.leader || this.#leaderTimer || !this.outbox.queued) return;
    this.#leaderTimer = setTimeout(() => this.#only.steal(), LEADER_TIMEOUT_MS);
    this.#elsewhere.postMessage('leader?');
  }

  #stopWatching() {
    clearTimeout(this.#leaderTimer);
    this.#leaderTimer = 0;
  }

  /** @param {'changed' | 'leader?' | 'leader'} said */
  #heardElsewhere(said) {
    if (said === 'changed') return void this.#reloadMine();
    if (said === 'leader?') return this.leader && this.#elsewhere.postMessage('leader');
    this.#stopWatching();
    this.#leaderTimer = setTimeout(() => {
      this.#leaderTimer = 0;
      this.#watchLeader();
    }, LEADER_PAUSE_MS);
  }

  /** A page has come: its token is the newest. @param {PageFacts} facts */
  welcome({ csrf, release }) {
    this.http.csrf = csrf;
    this.#pageRelease = release;
    if (this.#status.signedIn()) this.#ready = this.#again();
  }

  /** Signed in anew, perhaps after everything was forgotten: begin from what is stored. */
  async #again() {
    this.listed = false;
    this.model.clear();
    if (this.leader) await this.#open();
    if (this.#status.state !== 'signed_out') this.connection.start();
  }

  /** @returns {ConnectionView} */
  get connectionView() {
    const release = this.#release === this.#pageRelease ? null : this.#release;
    const { state, retryAt } = this.#status;
    const { queued, unstored } = this.outbox;
    return { state, retryAt, queued, unstored, uncached: this.cacheWriter.isStopped, release };
  }

  /** Whether a server of the release before may still answer. */
  get #isMixed() {
    if (this.#release === null || this.#release === this.#pageRelease) return false;
    return performance.now() - this.#releasesDiffer < MIXED_RELEASES_MS;
  }

  /** @param {ChatRecord} record */
  chatView(record) {
    const { id } = record;
    return chatView(record, {
      model: this.model,
      unsent: this.outbox.of(id),
      draft: this.drafts.of(id),
      typing: this.typing.of(id),
      muted: this.muteTimers.isMuted(record.chat),
    });
  }

  /**
   * A chat that must be known to go on.
   *
   * @param {string} chat
   * @returns {Promise<ChatRecord>}
   * @throws {ParleyError} `not_found`, `offline`
   */
  async find(chat) {
    await this.#ready;
    if (!this.model.chats.has(chat)) {
      /** @type {Chat} */
      const found = await this.http.get(`/chats/${chat}`);
      const changes = new Changes();
      if (!this.model.chats.has(chat)) this.sync.applyChat(found, changes);
      this.#commit(changes);
    }
    const record = this.model.chats.get(chat);
    if (!record) throw new ParleyError('not_found');
    void this.#place(chat).catch(() => this.#placed.delete(chat));
    if (record.chat.kind === 'group') void this.members.load(chat).catch(() => {});
    return record;
  }

  /**
   * One message, from here or from the server.
   *
   * @param {string} chat
   * @param {number} seq
   * @returns {Promise<Message>}
   * @throws {ParleyError}
   */
  async message(chat, seq) {
    const spans = this.model.chats.get(chat)?.spans ?? [];
    const { cache } = this.cacheWriter;
    const [held] = spanAt(spans, seq) ? await cache.read(chat, seq, seq).catch(() => []) : [];
    return held ?? this.http.get(`/chats/${chat}/messages/${seq}`);
  }

  /** Show a reaction, or its end, at once, and send it. @param {WithoutRef<React | Unreact>} command */
  react(command) {
    return this.pendingReactions.show(command, () => this.commands.send(command));
  }

  /**
   * Queue a message. Idempotent: a client id names one message, however often a tab repeats it.
   *
   * @param {string} chat
   * @param {{ text: string, quote: Quote | null, client_id: string }} message
   * @param {boolean} again whether an owner before may have queued it
   */
  async send(chat, { text, quote, client_id }, again) {
    await this.restored;
    if (this.outbox.has(client_id) || (again && (await this.#arrived(chat, client_id)))) {
      await this.drafts.becameMessage(chat, { text, reply: quote });
      return;
    }
    if (!text.trim()) throw new ParleyError('empty');
    const { limits } = this.model;
    if (limits && text.length > limits.text_length && [...text].length > limits.text_length) {
      throw new ParleyError('too_long');
    }
    this.typing.sent(chat);
    await this.outbox.add(chat, { client_id, text, quote, rest: this.drafts.sent(chat) });
    if (this.outbox.isUnstored(client_id)) this.drafts.notQueued(chat);
  }

  /** Whether an own message is among the newest that are held. @param {string} chat @param {string} clientId */
  async #arrived(chat, clientId) {
    await this.#ready;
    const last = this.model.chats.get(chat)?.chat.last_seq ?? 0;
    // What cannot be read is sent again: the server takes it once.
    const rows = last ? await this.cacheWriter.cache.read(chat, last - RECENT_ROWS, last).catch(() => []) : [];
    return rows.some(({ sender, client_id }) => sender === this.model.person && client_id === clientId);
  }

  /** End the connection for all tabs and delete what is cached. */
  async forget() {
    this.#signedOut();
    await this.#forgetting;
  }

  /** What is cached is being deleted. */
  #forgetting = Promise.resolve();

  /** Read what is unsent; changes while that runs make it run once more. */
  async #reloadMine() {
    this.#isMineChanged = true;
    if (this.#isReadingMine) return;
    this.#isReadingMine = true;
    try {
      while (this.#isMineChanged) {
        this.#isMineChanged = false;
        this.outbox.beforeRead();
        this.drafts.beforeRead();
        const { outbox, drafts } = await this.mine.load();
        this.outbox.restore(outbox);
        this.drafts.restore(drafts);
      }
    } catch (error) {
      console.warn('What is unsent cannot be read.', error);
      setTimeout(() => void this.#reloadMine(), READ_RETRY_MS);
    } finally {
      this.#isReadingMine = false;
    }
  }

  /** @param {AnyEvent[]} events */
  #take(events) {
    const welcome = events.find((event) => event.type === 'welcome');
    // Another person has signed in on this browser: their session is not ours to use.
    if (welcome && welcome.me.id !== this.model.person) return this.#signedOut();
    const changes = new Changes();
    changes.live = this.sync.synced;
    for (const event of events) this.sync.apply(event, changes);
    if (changes.wiped) this.listed = false;
    this.#commit(changes);
    for (const event of events) this.commands.handleReply(event);
    if (welcome) {
      if (this.#release !== welcome.release) this.#releasesDiffer = performance.now();
      this.#release = welcome.release;
      this.#placed.clear();
      if (this.connection.transport === 'socket') void this.resumer.resume();
    }
    if (events.some(({ type }) => type === 'synced')) this.#online();
    if (events.some(({ type }) => type === 'heartbeat')) {
      this.resumer.settled();
      void this.cacheWriter.reopen();
    }
  }

  /** @param {boolean} asks whether it is for us to begin */
  #opened(asks) {
    this.#status.opened();
    if (asks) void this.#ready.then(() => this.resumer.resume());
  }

  #online() {
    this.connection.settled();
    clearTimeout(this.#presenceTimer);
    this.#list(true);
    this.#status.caughtUp();
    void this.cacheWriter.reopen();
    void this.history.healMissing();
    for (const session of this.sessions) session.retryFailed();
    this.ownPresence.connected();
    this.receipts.flush();
    this.drafts.flush();
    this.outbox.retryNow();
  }

  /** @param {number | null} retryAt */
  #closed(retryAt) {
    this.#disconnected();
    const failed = this.#status.closed(retryAt);
    clearTimeout(this.#presenceTimer);
    this.#presenceTimer = setTimeout(() => this.sync.forgetPresence(this.#touched()), PRESENCE_TTL_MS);
    if (failed) void this.#probe();
    this.outbox.sendNext();
  }

  /** A refused handshake looks like a dead network: ask by HTTP whether the session still lives. */
  async #probe() {
    const me = await this.http.get('/me').catch(() => null);
    if (me && me.id !== this.model.person) this.#signedOut();
  }

  /** The session has ended: nothing that others wrote stays, here or on the device. */
  #signedOut() {
    if (!this.#status.signedOut()) return;
    this.connection.stop();
    this.#disconnected();
    for (const held of [this.model, this.model.people, this.members]) held.clear();
    this.listed = false;
    this.#forgetting = this.cacheWriter
      .forget()
      .catch((error) => console.warn('The cache is not deleted.', error));
    this.#show(Object.assign(new Changes(), { wiped: true }));
  }

  #disconnected() {
    this.sync.lost();
    this.commands.disconnected();
    this.resumer.lost();
    this.typing.lost();
    this.#placed.clear();
  }

  /** Say something that may as well be lost. @param {Command} command */
  #mention(command) {
    if (this.sync.synced) void this.commands.send(command).catch(() => {});
  }

  #tellConnection() {
    for (const session of this.sessions) session.push('connection', this.connectionView);
  }

  /** @param {OutboxEntry} entry @returns {Promise<AckPosition>} */
  async #carry({ chat, client_id, text, quote }) {
    const { limits } = this.model;
    // A frame that is too big would end the connection, again and again.
    const size = new TextEncoder().encode(JSON.stringify(text)).length + 1000;
    if (limits && size > limits.frame_bytes) throw new ParleyError('too_long');
    const reply_to = quote && { reply_to: quote.seq };
    const ack = await this.commands.send({ type: 'send', chat, client_id, text, ...reply_to });
    const { seq, rev, at } = ack;
    if (!seq || !rev || !at) throw new ParleyError('failed', 'The ack of a message has no position.');
    setTimeout(() => {
      if (this.sync.synced && !this.#passed(chat, rev)) this.resumer.missing();
    }, EVENT_TIMEOUT_MS);
    return { seq, rev, at };
  }

  /** Whether the chat's stream is that far. @param {string} chat @param {number} rev */
  #passed(chat, rev) {
    return (this.model.chats.get(chat)?.cursor ?? -1) >= rev;
  }

  /** @param {boolean} known */
  #list(known) {
    if (!known || this.listed) return;
    this.listed = true;
    for (const session of this.sessions) session.pushAll();
  }

  /** Where local changes are noted; they are passed on together at the end of this turn. */
  #touched() {
    if (this.#frame) return this.#frame;
    if (!this.#local) {
      this.#local = new Changes();
      queueMicrotask(() => {
        const changes = /** @type {Changes} */ (this.#local);
        this.#local = null;
        this.#commit(changes);
      });
    }
    return this.#local;
  }

  /** Store and show. @param {Changes} changes */
  #commit(changes) {
    this.#frame = changes;
    if (changes.wiped) this.history.markDropped(null);
    for (const chat of [...changes.voided.keys(), ...changes.left]) this.history.markDropped(chat);
    for (const [chat, messages] of changes.messages) {
      this.history.noteChanged(chat, messages);
      const own = messages.filter(({ sender }) => sender === this.model.person);
      this.outbox.confirm(own.map(({ client_id }) => client_id));
    }
    for (const chat of changes.records) this.outbox.advance(chat);
    this.#frame = null;
    const members = [...changes.members].flatMap((chat) => this.#membersToKeep(chat));
    const stored = this.cacheWriter.save(changes, members);
    void stored.then(() => this.receipts.stored([...changes.messages.keys()]));
    this.#show(changes);
    void this.history.heal(changes.voided);
  }

  /** @param {string} chat @returns {[string, Member[]][]} none of a chat that was left */
  #membersToKeep(chat) {
    const list = this.model.chats.has(chat) ? this.members.all(chat) : null;
    return list ? [[chat, list]] : [];
  }

  /** @param {Changes} changes */
  #show(changes) {
    const { model } = this;
    const chats = [...changes.chats].flatMap((id) => model.chats.get(id) ?? []);
    const people = [...changes.contacts];
    const contacts = people.flatMap((id) => model.contacts.get(id) ?? []);
    const shown = {
      chats: {
        put: chats.map((record) => this.chatView(record)),
        remove: [...changes.left].filter((id) => !model.chats.has(id)),
      },
      contacts: {
        put: contacts.map((contact) => contactView(contact, model)),
        remove: people.filter((id) => !model.contacts.has(id)),
      },
    };
    for (const session of this.sessions) session.show(changes, shown);
  }

  /**
   * Ask once a connection how far the others are; later moves come as events.
   *
   * @param {string} chat
   */
  async #place(chat) {
    if (this.#placed.has(chat)) return;
    this.#placed.add(chat);
    /** @type {{ items: Position[] }} */
    const { items } = await this.http.get(`/chats/${chat}/positions`);
    for (const position of items) this.sync.position(chat, position, this.#touched());
  }
}
