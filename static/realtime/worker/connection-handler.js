/**
 * Handles the events of the connection: it opens, brings frames, has caught up, or is lost.
 *
 * @module
 */

/** @import { AnyEvent } from '../wire.js' */
/** @import { ConnectionEvents } from './connection.js' */
/** @import { Owner } from './owner.js' */

import { Changes } from './model.js';

/** How long others' presence is still shown after the connection is lost. */
const PRESENCE_TTL_MS = 10_000;

/** @implements {ConnectionEvents} */
export class ConnectionHandler {
  /** Frames that came before the cache was read; null once it is. @type {AnyEvent[][] | null} */
  #queued = [];
  #presenceTimer = 0;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /** @param {boolean} needsResume whether the server waits for a resume without a `welcome` */
  opened(needsResume) {
    const { status, lifecycle, resumer } = this.#owner;
    status.opened();
    if (needsResume) void lifecycle.ready.then(() => resumer.resume());
  }

  /** @param {AnyEvent[]} events */
  frame(events) {
    if (this.#queued) this.#queued.push(events);
    else this.#apply(events);
  }

  /** @param {number | null} retryAt */
  closed(retryAt) {
    const { status, sync, outbox, uploads, changes } = this.#owner;
    this.disconnected();
    const failed = status.closed(retryAt);
    clearTimeout(this.#presenceTimer);
    this.#presenceTimer = setTimeout(() => sync.forgetPresence(changes.local()), PRESENCE_TTL_MS);
    if (failed) void this.#checkSession();
    outbox.sendNext();
    uploads.sendNext();
  }

  signedOut() {
    this.#owner.lifecycle.signedOut();
  }

  outdated() {
    this.#owner.status.outdated();
  }

  /** Nothing more comes on this connection. */
  disconnected() {
    const { sync, commands, resumer, typing, chatLoader } = this.#owner;
    sync.disconnected();
    commands.disconnected();
    resumer.disconnected();
    typing.disconnected();
    chatLoader.forgetPositions();
  }

  /** Queue frames until the cache is read. */
  hold() {
    this.#queued ??= [];
  }

  /** Apply what was queued, and from now on each frame at once. */
  release() {
    const frames = this.#queued ?? [];
    this.drop();
    for (const events of frames) this.#apply(events);
  }

  /** Forget what was queued: the next connection brings it again. */
  drop() {
    this.#queued = null;
  }

  /** @param {AnyEvent[]} events */
  #apply(events) {
    const owner = this.#owner;
    const { model, sync, commands, connection, resumer, cacheWriter } = owner;
    const welcome = events.find((event) => event.type === 'welcome');
    // Another person has signed in on this browser: their session is not ours to use.
    if (welcome && welcome.me.id !== model.person) return this.signedOut();
    const changes = new Changes();
    changes.live = sync.synced;
    for (const event of events) sync.apply(event, changes);
    if (changes.wiped) {
      owner.isListKnown = false;
      // Those that came before this snapshot went with what was held.
      owner.chatLoader.forgetPositions();
    }
    owner.changes.commit(changes);
    for (const event of events) commands.handleReply(event);
    if (welcome) {
      owner.status.welcomed(welcome.release);
      owner.chatLoader.forgetPositions();
      if (connection.transport === 'socket') void resumer.resume();
    }
    if (events.some(({ type }) => type === 'synced')) this.#caughtUp();
    if (events.some(({ type }) => type === 'reconnect')) void this.#move();
    if (events.some(({ type }) => type === 'heartbeat')) {
      resumer.settled();
      void cacheWriter.reopen();
    }
  }

  /** This server process ends soon: go to another one, once the commands on the way are settled. */
  async #move() {
    const { commands, connection } = this.#owner;
    const { opened } = connection;
    await commands.leave();
    if (connection.opened === opened) connection.move();
  }

  #caughtUp() {
    const owner = this.#owner;
    owner.connection.settled();
    clearTimeout(this.#presenceTimer);
    owner.listKnown();
    owner.status.caughtUp();
    void owner.cacheWriter.reopen();
    void owner.history.healMissing();
    for (const session of owner.sessions) session.retryFailed();
    owner.ownPresence.connected();
    owner.receipts.flush();
    owner.drafts.flush();
    owner.outbox.retryNow();
    owner.uploads.retryNow();
  }

  /** A refused handshake looks like a dead network: ask by HTTP whether the session still lives. */
  async #checkSession() {
    const { http, model } = this.#owner;
    const me = await http.get('/me').catch(() => null);
    if (me && me.id !== model.person) this.signedOut();
  }
}
