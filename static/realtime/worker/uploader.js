/**
 * Sends files to the server, two at a time: decides which one is next, and when a failed one is
 * tried again.
 *
 * @module
 */

/** @import { Failure } from '../contract.js' */
/** @import { Upload } from '../stored-types.js' */
/** @import { Http } from '../both/http.js' */

import { ParleyError } from '../both/failure.js';
import { PartSize, transfer } from '../both/upload-transfer.js';
import { Backoff } from './backoff.js';
import { restarted } from './upload-state.js';

const MAX_SENDING = 2;
/** A proxy that refuses parts may take smaller ones; it is not asked without end. */
const MAX_FAILURES = 8;

/**
 * @typedef {object} UploaderDeps
 * @property {Pick<Http, 'get' | 'post' | 'put' | 'sendBytes'>} http
 * @property {() => boolean} open whether anything can be sent now
 * @property {() => Upload[]} due what is to be sent or waited for, in this order
 * @property {(id: string) => Upload | undefined} present its newest state
 * @property {(id: string) => Promise<Blob | undefined>} blob its bytes
 * @property {(upload: Upload) => Promise<void>} put store and show a newer state
 * @property {(id: string, sent: number) => void} progress
 */

export class Uploader {
  /** Being sent or waited for. @type {Map<string, AbortController>} */
  #active = new Map();
  /** How often in a row it failed without a known reason. @type {Map<string, number>} */
  #failures = new Map();
  #retryTimer = 0;
  #backoff = new Backoff();
  #part = new PartSize();
  #deps;

  /** @param {UploaderDeps} deps */
  constructor(deps) {
    this.#deps = deps;
  }

  /** @param {string} id */
  isActive(id) {
    return this.#active.has(id);
  }

  /** Stop sending one, or all. @param {string} [one] */
  stop(one) {
    for (const id of one === undefined ? [...this.#active.keys()] : [one]) {
      this.#active.get(id)?.abort();
      this.#active.delete(id);
      this.#failures.delete(id);
    }
  }

  /** Sending may be possible again: do not wait any longer. */
  retryNow() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = 0;
    this.sendNext();
  }

  sendNext() {
    if (this.#retryTimer || !this.#deps.open()) return;
    for (const { id, state } of this.#deps.due()) {
      if (this.#active.has(id)) continue;
      const states = [...this.#active.keys()].map((one) => this.#deps.present(one)?.state);
      const sending = states.filter((one) => one !== 'processing').length;
      if (state === 'processing' || sending < MAX_SENDING) void this.#send(id);
    }
  }

  /** @param {string} id */
  async #send(id) {
    const aborted = new AbortController();
    this.#active.set(id, aborted);
    /** @param {Partial<Upload>} change */
    const put = async (change) => {
      const upload = this.#deps.present(id);
      if (upload && !aborted.signal.aborted) await this.#deps.put({ ...upload, ...change });
    };
    try {
      await this.#transfer(id, put, aborted.signal);
      await put({ state: 'ready' });
    } catch (error) {
      if (!aborted.signal.aborted) await this.#failed(id, ParleyError.plain(error), put);
    } finally {
      if (this.#active.get(id) === aborted) this.#active.delete(id);
      this.sendNext();
    }
  }

  /**
   * @param {string} id
   * @param {(change: Partial<Upload>) => Promise<void>} put
   * @param {AbortSignal} signal
   */
  async #transfer(id, put, signal) {
    const { http, blob, present, progress } = this.#deps;
    const bytes = await blob(id);
    const upload = present(id);
    if (!upload) return;
    if (!bytes) throw new ParleyError('unreadable');
    await transfer(upload, bytes, {
      http,
      part: this.#part,
      signal,
      now: () => performance.now(),
      progress: ({ file, state, sent }) => {
        if (signal.aborted) return;
        this.#failures.delete(id);
        this.#backoff.reset();
        const known = present(id);
        if (known?.file !== file || known.state !== state) void put({ file, state });
        progress(id, sent);
        // A file that is only waited for leaves its place to the next one.
        if (state === 'processing') this.sendNext();
      },
    });
  }

  /**
   * @param {string} id
   * @param {Failure} failure
   * @param {(change: Partial<Upload>) => Promise<void>} put
   */
  async #failed(id, failure, put) {
    const upload = this.#deps.present(id);
    if (!upload) return;
    const { code, retryAfter } = failure;
    const isLost = code === 'not_found' && upload.file !== null;
    if (isLost && !upload.again) {
      await put(restarted(upload, true));
      return;
    }
    const failures = (this.#failures.get(id) ?? 0) + 1;
    const isUnclear = code === 'failed' && failures < MAX_FAILURES;
    if (isUnclear || code === 'signed_out' || ParleyError.from(failure).passing) {
      if (isUnclear) this.#failures.set(id, failures);
      clearTimeout(this.#retryTimer);
      const wait = retryAfter === null ? this.#backoff.next() : retryAfter * 1000;
      this.#retryTimer = setTimeout(() => this.retryNow(), wait);
      return;
    }
    this.#failures.delete(id);
    await put({ state: 'failed', problem: isLost ? 'file_gone' : code });
  }
}
