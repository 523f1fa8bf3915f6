/**
 * Writes to the local store. What could not be written is written again later, and known until
 * then.
 *
 * @module
 */

const WRITE_AGAIN_MS = 5000;

/**
 * @template {object} T
 * @typedef {object} LocalWritesDeps
 * @property {(item: T) => string} idOf
 * @property {(id: string) => T | undefined} present the newest state of an item
 * @property {(items: T[]) => void} writeAgain call `write` for them
 * @property {(ids: string[], files: string[]) => Promise<void>} remove
 * @property {(items: T[]) => void} failed could not be stored, or were stored after that
 * @property {() => void} stored the database changed
 */

/** @template {object} T unsent messages, or files of them */
export class LocalWrites {
  /** Items whose newest state is being stored, or could not be. @type {Map<string, 'storing' | 'failed'>} */
  #unstored = new Map();
  /** Items stored since the database was last read. @type {Set<string>} */
  #fresh = new Set();
  /** Items that could not be removed from the database, and files to remove with them.
   * @type {Map<string, string[]>} */
  #unremoved = new Map();
  #timer = 0;
  #deps;

  /** @param {LocalWritesDeps<T>} deps */
  constructor(deps) {
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

  /** The database was emptied. @param {T[]} items all of them */
  databaseEmptied(items) {
    for (const item of items) this.#unstored.set(this.#deps.idOf(item), 'failed');
    this.#repeat();
  }

  /** Items are gone, in the database as well. @param {string[]} ids */
  forget(ids) {
    for (const id of ids) this.#unstored.delete(id);
  }

  /** @param {string[]} ids @param {string[][]} [files] of each, to remove as well */
  async remove(ids, files = []) {
    this.forget(ids);
    try {
      await this.#deps.remove(ids, files.flat());
      for (const id of ids) this.#unremoved.delete(id);
      this.#deps.stored();
    } catch (error) {
      for (const [index, id] of ids.entries()) this.#unremoved.set(id, files[index] ?? []);
      this.#repeatLater(error);
    }
  }

  /**
   * Wait until items are stored, or cannot be.
   *
   * @param {T[]} items
   * @param {Promise<void>} writing
   */
  async write(items, writing) {
    const { idOf, present, failed, stored } = this.#deps;
    const failedBefore = items.filter((item) => this.isFailed(idOf(item)));
    for (const item of items) {
      if (!failedBefore.includes(item)) this.#unstored.set(idOf(item), 'storing');
    }
    // What was removed or changed since belongs to another write.
    const unchanged = () => items.filter((item) => present(idOf(item)) === item).map(idOf);
    try {
      await writing;
      for (const id of unchanged()) {
        this.#unstored.delete(id);
        this.#fresh.add(id);
      }
      stored();
      if (failedBefore.length) failed(failedBefore);
    } catch (error) {
      for (const id of unchanged()) this.#unstored.set(id, 'failed');
      failed(items);
      this.#repeatLater(error);
    }
  }

  /** @param {unknown} error */
  #repeatLater(error) {
    console.warn('Unsent messages or files could not be stored.', error);
    this.#timer ||= setTimeout(() => this.#repeat(), WRITE_AGAIN_MS);
  }

  #repeat() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const failed = [...this.#unstored.keys()].filter((id) => this.isFailed(id));
    const items = failed.flatMap((id) => this.#deps.present(id) ?? []);
    if (items.length) this.#deps.writeAgain(items);
    if (this.#unremoved.size) void this.remove([...this.#unremoved.keys()], [...this.#unremoved.values()]);
  }
}
