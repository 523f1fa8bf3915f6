/**
 * Files of drafts and unsent messages: stored on this device first, then sent to the server
 * (`uploader.js`). Uploads go on after a reload, a lost connection and the death of the owner.
 *
 * @module
 */

/** @import { ChosenFile, ExistingFile, Failure, PendingFile } from '../contract.js' */
/** @import { Upload } from '../stored-types.js' */
/** @import { Http } from '../both/http.js' */
/** @import { LocalStore } from './store/local-store.js' */

import { UploadStore } from './store/upload-store.js';
import { UploadProgress } from './upload-progress.js';
import { Uploader } from './uploader.js';
import { asFile, begun, canBeFile, restarted, uploadView } from './upload-state.js';

/**
 * @typedef {object} UploadsDeps
 * @property {Pick<Http, 'get' | 'post' | 'put' | 'delete' | 'sendBytes'>} http
 * @property {() => boolean} open whether anything can be sent now
 * @property {(id: string) => boolean} isSent whether an unsent message has it; else a draft has it
 * @property {(upload: Upload, isProgress: boolean) => void} changed
 * @property {() => void} stored the database changed: other owners read it
 */

export class Uploads {
  /** @type {Map<string, Upload>} */
  #held = new Map();
  /** Removed here: an older copy does not bring them back. @type {Set<string>} */
  #finished = new Set();
  #progress = new UploadProgress((ids) => this.#showProgress(ids));
  #isLeading = false;
  #uploader;
  #store;
  #deps;

  /** @param {LocalStore} database @param {UploadsDeps} deps */
  constructor(database, deps) {
    this.#deps = deps;
    this.#store = new UploadStore(database, {
      present: (id) => this.#held.get(id),
      failed: (failed) => {
        for (const upload of failed) deps.changed(upload, false);
        this.#uploader.sendNext();
      },
      stored: deps.stored,
    });
    this.#uploader = new Uploader({
      http: deps.http,
      open: deps.open,
      due: () => this.#due(),
      present: (id) => this.#held.get(id),
      blob: (id) => this.#store.blob(id),
      put: (upload) => this.#put(upload),
      progress: (id, sent) => this.#progress.set(id, sent),
    });
  }

  get size() {
    return this.#held.size;
  }

  /** How many are neither on the server nor failed. */
  get waiting() {
    return this.#unfinished().length;
  }

  /** @param {string} id */
  has(id) {
    return this.#held.has(id);
  }

  /** Whether it is held, or was until it was removed or sent here. @param {string} id */
  isKnown(id) {
    return this.#held.has(id) || this.#finished.has(id);
  }

  /** Whether a reload would lose it. @param {string} id */
  isUnstored(id) {
    return this.#store.isFailed(id);
  }

  /** @param {string[]} ids @returns {PendingFile[]} those that are known */
  views(ids) {
    return ids.flatMap((id) => this.#held.get(id) ?? []).map((upload) => this.#viewOf(upload));
  }

  /** The files of a chat's draft, in order. @param {string} chat @returns {PendingFile[]} */
  ofDraft(chat) {
    return this.#inDrafts(chat).filter(({ thread }) => thread === null).map((upload) => this.#viewOf(upload));
  }

  /** Those of the drafts in its threads. @param {string} chat @returns {Record<number, PendingFile[]>} */
  ofThreads(chat) {
    /** @type {Record<number, PendingFile[]>} */
    const found = {};
    for (const upload of this.#inDrafts(chat)) {
      if (upload.thread !== null) (found[upload.thread] ??= []).push(this.#viewOf(upload));
    }
    return found;
  }

  /** @param {string} chat */
  #inDrafts(chat) {
    if (!this.#held.size) return [];
    return this.#sorted().filter((upload) => upload.chat === chat && !this.#deps.isSent(upload.id));
  }

  /** @param {string} id @returns {Promise<Blob | null>} */
  async blob(id) {
    return (this.#held.has(id) && (await this.#store.blob(id))) || null;
  }

  /**
   * What a message with these files has to wait for.
   *
   * @param {string[]} ids
   * @returns {'ready' | 'waiting' | Failure}
   */
  readiness(ids) {
    const uploads = ids.map((id) => this.#held.get(id));
    const failed = uploads.find((upload) => !upload || upload.state === 'failed');
    if (failed || uploads.includes(undefined)) {
      return { code: failed?.problem || 'file_gone', detail: '', retryAfter: null };
    }
    return uploads.every((upload) => upload?.state === 'ready') ? 'ready' : 'waiting';
  }

  /** The server's ids of uploads that are ready. @param {string[]} ids */
  fileIds(ids) {
    return ids.map((id) => this.#held.get(id)?.file ?? '');
  }

  /**
   * Adding an id again changes nothing.
   *
   * @param {string} chat
   * @param {(ChosenFile | ExistingFile)[]} files
   * @param {number | null} [thread] whose draft they are in
   * @returns {Promise<void>} when they are stored, or cannot be
   */
  async add(chat, files, thread = null) {
    const fresh = files.filter(({ id }) => !this.#held.has(id) && !this.#finished.has(id));
    const order = Math.max(Date.now(), ...[...this.#held.values()].map((one) => one.order + 1));
    const stored = fresh.map((file, index) => {
      const upload = begun(file, { chat, thread, order: order + index });
      this.#held.set(upload.id, upload);
      this.#deps.changed(upload, false);
      return this.#store.add(upload, 'blob' in file ? file.blob : null);
    });
    // Its bytes are sent once they are stored.
    await Promise.all(stored);
    this.#uploader.sendNext();
  }

  /**
   * Upload it again from the beginning, if it failed.
   *
   * @param {string} id
   * @param {boolean} [isGone] the server has lost it: also if it was ready
   */
  async retry(id, isGone = false) {
    const upload = this.#held.get(id);
    if (!upload || upload.existing) return;
    if (upload.state !== 'failed' && !(isGone && upload.state === 'ready')) return;
    await this.#put(restarted(upload, false));
    this.retryNow();
  }

  /** The person sends a picture that the server refused as it is. @param {string} id */
  async sendAsFile(id) {
    const upload = this.#held.get(id);
    if (!upload || !canBeFile(upload)) return;
    await this.#put(asFile(upload));
    this.retryNow();
  }

  /** They return to a draft: what the server loses may be uploaded again.
   * @param {string[]} ids @param {number | null} thread whose draft, or that of the chat */
  async returned(ids, thread) {
    const uploads = ids.flatMap((id) => this.#held.get(id) ?? []);
    const changed = uploads.filter((upload) => upload.again || upload.thread !== thread);
    await Promise.all(changed.map((upload) => this.#put({ ...upload, thread, again: false })));
  }

  /**
   * The server has lost files: upload them again, once.
   *
   * @param {string[]} ids
   * @returns {boolean} false when that was done before, or their bytes are not here
   */
  uploadAgain(ids) {
    const uploads = ids.flatMap((id) => this.#held.get(id) ?? []);
    if (uploads.length < ids.length || uploads.some(({ again, existing }) => again || existing)) return false;
    for (const upload of uploads) void this.#put(restarted(upload, true));
    this.#uploader.sendNext();
    return true;
  }

  /** The person does not want it. @param {string} id */
  async remove(id) {
    const upload = this.#held.get(id);
    if (!upload) return;
    const removed = this.taken([id]);
    if (upload.file && !upload.existing) void this.#deps.http.delete(`/files/${upload.file}`).catch(() => {});
    await removed;
    this.#uploader.sendNext();
  }

  /** They belong to something that the server has. @param {string[]} ids */
  async taken(ids) {
    const uploads = ids.flatMap((id) => this.#held.get(id) ?? []);
    this.forget(ids);
    for (const upload of uploads) this.#deps.changed(upload, false);
    if (uploads.length) await this.#store.remove(ids);
  }

  /** The person is no longer in a chat. @param {string} chat */
  forgetDraft(chat) {
    for (const { id } of this.#inDrafts(chat)) void this.remove(id);
  }

  /** Their messages have arrived; the database has them no more. @param {string[]} ids */
  forget(ids) {
    this.#store.forget(ids);
    for (const id of ids) {
      this.#held.delete(id);
      this.#progress.delete(id);
      this.#finished.add(id);
      this.#uploader.stop(id);
    }
  }

  /** The database is about to be read. */
  beforeRead() {
    this.#store.beforeRead();
  }

  /**
   * Use what the database holds: at the start, and when another owner has written.
   *
   * @param {Upload[]} stored as read after `beforeRead`
   */
  restore(stored) {
    const before = this.#held;
    const known = stored.filter(({ id }) => !this.#finished.has(id));
    this.#held = new Map(known.map((upload) => [upload.id, upload]));
    for (const [id, upload] of before) {
      const isOurs = this.#held.has(id) && this.#uploader.isActive(id);
      if (isOurs || this.#store.isNewer(id)) this.#held.set(id, upload);
      else if (!this.#held.has(id)) this.#uploader.stop(id);
    }
    // Once the outbox has been restored, too: it refuses a message whose files are gone.
    queueMicrotask(() => {
      for (const upload of new Map([...before, ...this.#held]).values()) this.#deps.changed(upload, false);
      this.#uploader.sendNext();
    });
  }

  /** The database was emptied: nothing is stored. */
  databaseEmptied() {
    this.#store.databaseEmptied([...this.#held.values()]);
  }

  /** As for messages: one of a person's owners sends. @param {boolean} isLeading */
  setLeading(isLeading) {
    this.#isLeading = isLeading;
    if (!isLeading) this.stop();
    this.#uploader.sendNext();
  }

  /** Sending may be possible again: do not wait any longer. */
  retryNow() {
    this.#uploader.retryNow();
  }

  /** Send what waits, unless a failure has to pass first. */
  sendNext() {
    this.#uploader.sendNext();
  }

  /** Send nothing for now. */
  stop() {
    this.#uploader.stop();
  }

  /** What this owner has to send, files of messages first. */
  #due() {
    return this.#unfinished()
      .filter(({ id }) => this.#isLeading || this.isUnstored(id))
      .sort((a, b) => Number(this.#deps.isSent(b.id)) - Number(this.#deps.isSent(a.id)));
  }

  /** @param {string[]} ids */
  #showProgress(ids) {
    for (const upload of ids.flatMap((id) => this.#held.get(id) ?? [])) this.#deps.changed(upload, true);
  }

  /** @param {Upload} upload a newer state */
  async #put(upload) {
    if (!this.#held.has(upload.id)) return;
    this.#held.set(upload.id, upload);
    this.#deps.changed(upload, false);
    await this.#store.update(upload);
  }

  #unfinished() {
    return this.#sorted().filter(({ state }) => !['ready', 'failed'].includes(state));
  }

  #sorted() {
    return [...this.#held.values()].sort((a, b) => a.order - b.order);
  }

  /** @param {Upload} upload @returns {PendingFile} */
  #viewOf(upload) {
    return uploadView(upload, this.#progress.of(upload.id), !this.isUnstored(upload.id));
  }
}
