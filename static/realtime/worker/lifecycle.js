/**
 * Starts an owner, makes it take over from another one, ends it with the session and restarts it.
 *
 * @module
 */

/** @import { Owner } from './owner.js' */
/** @import { LocalStore } from './store/local-store.js' */

import { Changes } from './model.js';

/** After the local store could not be read. */
const READ_RETRY_MS = 5000;
/** Another owner of this person that is closing (a reloaded page) gets this long to be gone. */
const LEADER_WAIT_MS = 250;

export class Lifecycle {
  /** Resolves when the cache has been read. @type {Promise<void>} */
  ready = Promise.resolve();
  /** Resolves when the cache has been deleted. */
  #forgetting = Promise.resolve();
  #isReading = false;
  /** Whether the local store changed since it was last read. */
  #isUnsentStale = false;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * Read the local store: at the start, and when another owner changed it. A call during a read makes
   * it be read once more.
   *
   * @param {LocalStore} database
   */
  async loadUnsent(database) {
    this.#isUnsentStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    const { outbox, drafts, uploads } = this.#owner;
    try {
      while (this.#isUnsentStale) {
        this.#isUnsentStale = false;
        outbox.beforeRead();
        drafts.beforeRead();
        uploads.beforeRead();
        const stored = await database.load();
        uploads.restore(stored.uploads);
        outbox.restore(stored.outbox);
        drafts.restore(stored.drafts);
      }
    } catch (error) {
      console.warn('Unsent messages and drafts cannot be read.', error);
      setTimeout(() => void this.loadUnsent(database), READ_RETRY_MS);
    } finally {
      this.#isReading = false;
    }
  }

  start() {
    this.ready = this.#start();
  }

  async #start() {
    const { connection, connectionHandler, restored, leadership } = this.#owner;
    connection.start();
    await restored;
    if (await leadership.request(LEADER_WAIT_MS)) await this.#open();
    connectionHandler.release();
  }

  /** Read the cache and send what waits. */
  async #open() {
    const { cacheWriter, files, model, receipts, outbox, uploads, leadership } = this.#owner;
    await cacheWriter.open();
    if (model.epoch !== null) {
      this.#owner.listKnown();
      void files.clean();
    }
    receipts.restore();
    // Another owner may have stolen the lock while the cache was read.
    outbox.setLeading(leadership.isLeading);
    uploads.setLeading(leadership.isLeading);
  }

  /** The owner before this one is gone: take over its cache and queue, and connect again. */
  async elected() {
    const { connection, connectionHandler, status } = this.#owner;
    if (status.state === 'signed_out') return;
    connectionHandler.hold();
    this.#clear();
    await this.#open();
    connectionHandler.drop();
    connection.reconnect();
    connection.connectNow();
  }

  /** A page was opened after the session had ended: begin again from what is stored. */
  signedIn() {
    this.ready = this.#restart();
  }

  async #restart() {
    const { connection, leadership, status } = this.#owner;
    this.#clear();
    if (leadership.isLeading) await this.#open();
    if (status.state !== 'signed_out') connection.start();
  }

  #clear() {
    this.#owner.isListKnown = false;
    this.#owner.model.clear();
  }

  /** The session has ended: nothing that others wrote stays, in memory or on the device. */
  signedOut() {
    const owner = this.#owner;
    const { model, members, commands, connection, connectionHandler, cacheWriter, status, uploads } =
      owner;
    if (!status.signedOut()) return;
    connection.stop();
    connectionHandler.disconnected();
    commands.signedOut();
    uploads.stop();
    this.#clear();
    model.people.clear();
    members.clear();
    owner.files.forget();
    this.#forgetting = cacheWriter
      .forget()
      .catch((error) => console.warn('The cache is not deleted.', error));
    owner.changes.show(Object.assign(new Changes(), { wiped: true }));
  }

  /** End the session for all tabs. @returns {Promise<void>} once the cache is deleted */
  async forget() {
    this.signedOut();
    await this.#forgetting;
  }
}
