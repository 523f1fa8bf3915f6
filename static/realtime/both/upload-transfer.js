/**
 * Sends the bytes of one file to the server, from wherever the last attempt ended, and waits until
 * messages can use it.
 *
 * @module
 */

/** @import { FailureCode } from '../contract.js' */
/** @import { Upload } from '../stored-types.js' */
/** @import { File } from '../wire.js' */
/** @import { Http } from './http.js' */

import { ParleyError } from './failure.js';

/** The server takes no smaller part, except for the last. */
const MIN_PART_BYTES = 64 * 1024;
const FIRST_PART_BYTES = 256 * 1024;
const MAX_PART_BYTES = 4 * 1024 * 1024;
/** A part that takes less than this is followed by a larger one. */
const QUICK_PART_MS = 1000;
const PART_TIMEOUT_MS = 60_000;
/** A network may drop what goes to the storage: then the server still has time for the part. */
const DIRECT_TIMEOUT_MS = 30_000;
/** After it could not be reached, the storage is not tried for so long. */
const DIRECT_PAUSE_MS = 600_000;
/** Between two questions whether the server has processed a file, or stored another part of it. */
const [MIN_PAUSE_MS, MAX_PAUSE_MS] = [200, 5000];

/** Why the server refuses a picture (decision 0057). @type {Record<string, FailureCode>} */
const PROBLEMS = { no_picture: 'no_picture', too_many_pixels: 'too_many_pixels' };

/** How many bytes to send at once, and where to, by how the network was. */
export class PartSize {
  bytes = FIRST_PART_BYTES;
  #directFrom = -Infinity;

  /** Whether the storage itself may be tried. @param {number} now */
  mayGoDirect(now) {
    return now >= this.#directFrom;
  }

  /** The storage did not take a part. @param {number} now */
  directFailed(now) {
    this.#directFrom = now + DIRECT_PAUSE_MS;
  }

  /** @param {number} ms how long a part of this size took */
  sent(ms) {
    if (ms < QUICK_PART_MS) this.bytes = Math.min(MAX_PART_BYTES, this.bytes * 2);
  }

  failed() {
    this.bytes = Math.max(MIN_PART_BYTES, this.bytes / 2);
  }
}

/**
 * @typedef {Pick<Upload, 'client_id' | 'name' | 'size' | 'file' | 'voice' | 'asFile'>} Transferred
 * @typedef {{ id: string, received: number, state: string, problem: string, direct: boolean, file: File | null }} ServerUpload
 *
 * @typedef {object} TransferDeps
 * @property {Pick<Http, 'get' | 'post' | 'put' | 'sendBytes'>} http
 * @property {PartSize} part
 * @property {AbortSignal} signal
 * @property {() => number} now milliseconds since any moment
 * @property {(known: { file: string, sent: number, state: 'uploading' | 'processing' }) => void} progress
 */

/**
 * @param {Transferred} upload
 * @param {Blob} blob
 * @param {TransferDeps} deps
 * @returns {Promise<ServerUpload>} when it is ready
 * @throws {ParleyError} `unreadable`, `unusable`, or as the server says
 */
export async function transfer(upload, blob, deps) {
  const { http, progress, signal } = deps;
  let known = await find(upload, http);
  const file = known.id;
  let sent = known.received;
  let pauseMs = MIN_PAUSE_MS;
  while (known.state === 'uploading') {
    signal.throwIfAborted();
    progress({ file, sent, state: 'uploading' });
    try {
      sent = await sendPart(known, blob, sent, deps);
      pauseMs = MIN_PAUSE_MS;
      if (sent < blob.size) continue;
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== 'conflict') throw error;
    }
    known = await http.get(`/files/${file}`);
    if (known.state === 'uploading' && known.received === sent) {
      // The server is still storing a part of an attempt before this one.
      await pause(pauseMs, signal);
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2);
    }
    sent = known.received;
  }
  for (let wait = MIN_PAUSE_MS; known.state === 'processing'; wait = Math.min(MAX_PAUSE_MS, wait * 2)) {
    progress({ file, sent: upload.size, state: 'processing' });
    await pause(wait, signal);
    known = await http.get(`/files/${file}`);
  }
  if (known.state === 'failed') throw new ParleyError(PROBLEMS[known.problem] ?? 'unusable');
  return known;
}

/**
 * The upload as the server has it: begun now, or before.
 *
 * @param {Transferred} upload
 * @param {TransferDeps['http']} http
 * @returns {Promise<ServerUpload>}
 */
function find({ file, client_id, name, size, voice, asFile }, http) {
  if (file) return http.get(`/files/${file}`);
  return http.post('/files', { client_id, name, size, ...(voice && { voice }), ...(asFile && { as_file: true }) });
}

/**
 * @param {Pick<ServerUpload, 'id' | 'direct'>} upload
 * @param {Blob} blob
 * @param {number} start
 * @param {TransferDeps} deps
 * @returns {Promise<number>} how many bytes the server has then
 */
async function sendPart({ id, direct }, blob, start, deps) {
  const { http, part, signal, now } = deps;
  const size = part.bytes;
  // Read apart from sending: the error of a request would look like a lost network.
  const bytes = await blob.slice(start, start + size).arrayBuffer().catch((error) => {
    throw new ParleyError('unreadable', String(error));
  });
  const began = now();
  try {
    const sent =
      (direct && part.mayGoDirect(began) ? await sendDirect(id, bytes, start, deps) : null) ??
      (await http.sendBytes(`/files/${id}/content`, { bytes, start, signal: within(PART_TIMEOUT_MS, signal) }));
    if (bytes.byteLength === size) part.sent(now() - began);
    return sent;
  } catch (error) {
    // A conflict tells nothing about the network.
    if (!(error instanceof ParleyError) || error.code !== 'conflict') part.failed();
    throw error;
  }
}

/**
 * Store a part at the object storage, with a form that the server has signed.
 *
 * @param {string} file
 * @param {ArrayBuffer} bytes
 * @param {number} start
 * @param {TransferDeps} deps
 * @returns {Promise<number | null>} as `sendPart`; null: send it to the server
 */
async function sendDirect(file, bytes, start, { http, part, signal, now }) {
  try {
    const { url, fields } = await http.post(`/files/${file}/part`, { start, size: bytes.byteLength });
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, String(value));
    body.append('file', new Blob([bytes]));
    // The response cannot be read, so that the storage needs no rules for it: the server looks.
    await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'omit', body, signal: within(DIRECT_TIMEOUT_MS, signal) });
    return (await http.put(`/files/${file}/part`, { start })).received;
  } catch (error) {
    if (signal.aborted) throw new ParleyError('offline', String(error));
    const isRefused = error instanceof ParleyError && !['conflict', 'not_possible'].includes(error.code);
    if (isRefused) throw error;
    part.directFailed(now());
    return null;
  }
}

/** @param {number} ms @param {AbortSignal} signal */
const within = (ms, signal) => AbortSignal.any([signal, AbortSignal.timeout(ms)]);

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    // A signal that is aborted already sends no event.
    signal.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
