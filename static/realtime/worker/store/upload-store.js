/**
 * Stores uploads and their bytes: what could not be written is written again later, and held in
 * memory until then.
 *
 * @module
 */

/** @import { Upload } from '../../contract.js' */
/** @import { LocalStore } from './local-store.js' */

const STORE_AGAIN_MS = 5000;

/**
 * @typedef {object} UploadStoreDeps
 * @property {(id: string) => Upload | undefined} present the newest state of an upload
 * @property {(upload: Upload) => void} failed could not be stored, or was stored after that
 * @property {() => void} stored the database changed
 */

export class UploadStore {
  /** Uploads whose newest state is being stored, or could not be. @type {Map<string, 'storing' | 'failed'>} */
  #unstored = new Map();
  /** Uploads stored since the database was last read. @type {Set<string>} */
  #fresh = new Set();
  /** Uploads that could not be removed from the database. @type {Set<string>} */
  #unremoved = new Set();
  /** The bytes of files that were added here: a browser may delete its databases. @type {Map<string, Blob>} */
  #blobs = new Map();
  #timer = 0;
  #database;
  #deps;

  /** @param {LocalStore} database @param {UploadStoreDeps} deps */
  constructor(database, deps) {
    this.#database = database;
    this.#deps = deps;
  }

  /** Whether the database did not take it: a reload would lose it. @param {string} id */
  isFailed(id) {
    return this.#unstored.get(id) === 'failed';
  }

  /** Whether the database may have been read before it was stored. @param {string} id */
  isNewer(id) {
    return this.#unstored.has(id) || this.#fresh.has(id);
  }

  /** The database is about to be read. */
  beforeRead() {
    this.#fresh.clear();
  }

  /** The database was emptied. @param {Upload[]} uploads all of them */
  databaseEmptied(uploads) {
    for (const { id } of uploads) this.#unstored.set(id, 'failed');
    this.#retry();
  }

  /** @param {Upload} upload a new one @param {Blob | null} blob null for one that the server has */
  add(upload, blob) {
    if (blob) this.#blobs.set(upload.id, blob);
    return this.#store(upload, true);
  }

  /** @param {Upload} upload a newer state of one */
  update(upload) {
    return this.#store(upload, this.isFailed(upload.id));
  }

  /** The bytes of an upload; undefined when they are lost. @param {string} id @returns {Promise<Blob | undefined>} */
  async blob(id) {
    return this.#blobs.get(id) ?? this.#database.blob(id);
  }

  /** Uploads are gone, in the database as well. @param {string[]} ids */
  forget(ids) {
    for (const id of ids) {
      this.#unstored.delete(id);
      this.#blobs.delete(id);
    }
  }

  /** @param {string[]} ids */
  async remove(ids) {
    this.forget(ids);
    try {
      await this.#database.removeUploads(ids);
      for (const id of ids) this.#unremoved.delete(id);
      this.#deps.stored();
    } catch (error) {
      for (const id of ids) this.#unremoved.add(id);
      this.#retryLater(error);
    }
  }

  /** @param {Upload} upload @param {boolean} withBytes */
  async #store(upload, withBytes) {
    const { id } = upload;
    const hadFailed = this.isFailed(id);
    const blob = withBytes ? this.#blobs.get(id) : undefined;
    if (!hadFailed) this.#unstored.set(id, 'storing');
    // What was removed or changed since belongs to another write.
    const isPresent = () => this.#deps.present(id) === upload;
    try {
      await (blob || (withBytes && upload.existing) ? this.#database.addUpload(upload, blob) : this.#database.updateUpload(upload));
      if (isPresent()) {
        this.#unstored.delete(id);
        this.#fresh.add(id);
      }
      this.#deps.stored();
      if (hadFailed) this.#deps.failed(upload);
    } catch (error) {
      if (isPresent()) this.#unstored.set(id, 'failed');
      this.#deps.failed(upload);
      this.#retryLater(error);
    }
  }

  /** @param {unknown} error */
  #retryLater(error) {
    console.warn('A file could not be stored.', error);
    this.#timer ||= setTimeout(() => this.#retry(), STORE_AGAIN_MS);
  }

  #retry() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    for (const id of [...this.#unstored.keys()].filter((one) => this.isFailed(one))) {
      const upload = this.#deps.present(id);
      if (upload) void this.#store(upload, true);
    }
    if (this.#unremoved.size) void this.remove([...this.#unremoved]);
  }
}
