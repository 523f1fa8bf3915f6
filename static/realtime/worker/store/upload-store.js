/**
 * Stores uploads and their bytes, which stay in memory as well: a browser may delete its databases.
 *
 * @module
 */

/** @import { Upload } from '../../stored-types.js' */
/** @import { LocalStore } from './local-store.js' */
/** @import { LocalWritesDeps } from './local-writes.js' */

import { LocalWrites } from './local-writes.js';

/** @extends {LocalWrites<Upload>} */
export class UploadStore extends LocalWrites {
  /** The bytes of files that were added here. @type {Map<string, Blob>} */
  #blobs = new Map();
  #database;

  /** @param {LocalStore} database @param {Pick<LocalWritesDeps<Upload>, 'present' | 'failed' | 'stored'>} deps */
  constructor(database, deps) {
    super({
      ...deps,
      idOf: ({ id }) => id,
      // One by one: a file that is too large for the database must not hinder the others.
      writeAgain: (uploads) => uploads.forEach((upload) => this.add(upload)),
      remove: (ids) => database.removeUploads(ids),
    });
    this.#database = database;
  }

  /** @param {Upload} upload a new one @param {Blob} [blob] its bytes, unless they are known */
  async add(upload, blob = this.#blobs.get(upload.id)) {
    if (!blob) return this.write([upload], this.#database.updateUpload(upload));
    this.#blobs.set(upload.id, blob);
    return this.write([upload], this.#database.addUpload(upload, blob));
  }

  /** @param {Upload} upload a newer state of one */
  async update(upload) {
    if (this.isFailed(upload.id)) return this.add(upload);
    return this.write([upload], this.#database.updateUpload(upload));
  }

  /** The bytes of an upload; undefined when they are lost. @param {string} id @returns {Promise<Blob | undefined>} */
  async blob(id) {
    return this.#blobs.get(id) ?? this.#database.blob(id);
  }

  /** @override @param {string[]} ids */
  forget(ids) {
    super.forget(ids);
    for (const id of ids) this.#blobs.delete(id);
  }
}
