/**
 * Requests to the API: the one place for the token, the time limit and the errors.
 *
 * @module
 */

/** @import { FailureCode } from '../contract.js' */

import { ParleyError } from './failure.js';

const REQUEST_TIMEOUT_MS = 15_000;
/** For one file; the tab's call ends a little later. */
const FILE_TIMEOUT_MS = 55_000;

/** The server's codes (apps/core/errors.py). */
const KNOWN = new Set([
  'invalid',
  'not_found',
  'empty',
  'too_long',
  'not_contacts',
  'not_possible',
  'forbidden',
  'chat_closed',
  'full',
  'conflict',
  'rate_limited',
  'slowed',
  'unavailable',
  'signed_out',
  'file_too_large',
  'storage_full',
  'file_gone',
  'storage_unavailable',
  'new_account',
  'greeted',
  'unknown_command',
  'against_rules',
  'plugin_refused',
  'not_as_edit',
  'held',
  'too_many_held',
]);

/** The code for a status without one, from a proxy or the framework. @type {Record<number, FailureCode>} */
const BY_STATUS = { 401: 'signed_out', 403: 'signed_out', 404: 'not_found', 429: 'rate_limited' };

export class Http {
  /** The token rendered with the newest page; see `PageFacts`. */
  csrf = '';
  requests = 0;
  #base;
  #signedOut;

  /**
   * @param {string} base origin
   * @param {() => void} signedOut called when the session turns out to have ended
   */
  constructor(base, signedOut) {
    this.#base = base;
    this.#signedOut = signedOut;
  }

  /**
   * @param {string} path below `/api/v1`
   * @param {Record<string, string | number | null>} [query]
   */
  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== null);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return this.#fetch(search.size ? `${path}?${search}` : path, { method: 'GET' });
  }

  /** @param {string} path @param {unknown} [body] */
  post(path, body = {}) {
    return this.#change('POST', path, body);
  }

  /** @param {string} path @param {unknown} body */
  patch(path, body) {
    return this.#change('PATCH', path, body);
  }

  /** @param {string} path @param {unknown} [body] */
  put(path, body = {}) {
    return this.#change('PUT', path, body);
  }

  /** @param {string} path */
  delete(path) {
    return this.#change('DELETE', path, {});
  }

  /**
   * A response that is read as it comes, however long that takes.
   *
   * @param {string} path
   * @param {unknown} body
   * @param {AbortSignal} signal
   * @returns {Promise<Response>}
   * @throws {ParleyError}
   */
  async listen(path, body, signal) {
    return this.#respond(path, { ...this.#posted('POST', body), signal });
  }

  /**
   * Send the next bytes of an upload.
   *
   * @param {string} path
   * @param {{ bytes: ArrayBuffer, start: number, signal: AbortSignal }} part
   * @returns {Promise<number>} how many the server has now
   * @throws {ParleyError}
   */
  async sendBytes(path, { bytes, start, signal }) {
    const headers = {
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': String(start),
      'X-CSRFToken': this.csrf,
    };
    const response = await this.#respond(path, { method: 'PATCH', headers, body: bytes, signal });
    return Number(response.headers.get('Upload-Offset') ?? start + bytes.byteLength);
  }

  /**
   * The content of a file. It may come from another host: the server only redirects.
   *
   * @param {string} path
   * @param {AbortSignal} signal
   * @returns {Promise<Blob>}
   * @throws {ParleyError}
   */
  async bytes(path, signal) {
    this.requests += 1;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(FILE_TIMEOUT_MS)]);
    let response;
    try {
      const url = `${this.#base}/api/v1${path}`;
      response = await fetch(url, { signal: limit, credentials: 'same-origin', cache: 'no-store' });
      if (response.ok) return await response.blob();
    } catch (error) {
      throw new ParleyError('offline', String(error));
    }
    throw await this.#problem(response);
  }

  /**
   * Find out why the server refused a token. Returns when a newer page has brought another one.
   *
   * @param {string} csrf the refused token
   * @throws {ParleyError} `signed_out`: the session, or the sign-in of the token, has ended
   */
  async checkSession(csrf) {
    await this.get('/me');
    if (csrf !== this.csrf) return;
    this.#signedOut();
    throw new ParleyError('signed_out');
  }

  /** @param {string} method @param {string} path @param {unknown} body */
  #change(method, path, body) {
    return this.#fetch(path, this.#posted(method, body));
  }

  /** @param {string} method @param {unknown} body */
  #posted(method, body) {
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': this.csrf };
    return { method, headers, body: JSON.stringify(body) };
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   * @returns {Promise<any>} the JSON of the response
   * @throws {ParleyError}
   */
  async #fetch(path, init) {
    const headers = { Accept: 'application/json', ...init.headers };
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await this.#respond(path, { ...init, headers, signal });
    try {
      return response.status === 204 ? null : await response.json();
    } catch (error) {
      throw new ParleyError('offline', String(error));
    }
  }

  /** @param {string} path @param {RequestInit} init @returns {Promise<Response>} */
  async #respond(path, init) {
    this.requests += 1;
    let response;
    try {
      response = await fetch(`${this.#base}/api/v1${path}`, { ...init, credentials: 'same-origin' });
    } catch (error) {
      throw new ParleyError('offline', String(error));
    }
    if (response.ok) return response;
    throw await this.#problem(response);
  }

  /**
   * An RFC 9457 response as an error. Without a code of ours it came from a proxy or a crash: the
   * status decides.
   *
   * @param {Response} response
   */
  async #problem(response) {
    const problem = await response.json().catch(() => ({}));
    const code = codeOf(response.status, problem.code);
    if (code === 'signed_out') this.#signedOut();
    const wait = Number(response.headers.get('Retry-After'));
    return new ParleyError(code, problem.detail ?? problem.title ?? '', wait || null);
  }
}

/**
 * A 403 without a code of ours means the token: it ended with its sign-in.
 *
 * @param {number} status
 * @param {string | undefined} code
 * @returns {FailureCode}
 */
function codeOf(status, code) {
  if (code !== undefined && KNOWN.has(code)) return /** @type {FailureCode} */ (code);
  if (status >= 500) return 'unavailable';
  return BY_STATUS[status] ?? 'failed';
}
