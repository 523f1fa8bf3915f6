/**
 * An IndexedDB database that is opened again when its connection was closed: by a newer layout in
 * another tab, or by the browser (iOS, after a long sleep).
 *
 * @module
 */

/** A tab of another release may block opening for as long as it stays open. */
const OPEN_TIMEOUT_MS = 3000;

/** The errors of requests on a closed connection. */
const CLOSED = ['InvalidStateError', 'AbortError', 'UnknownError'];

/**
 * @typedef {object} Options
 * @property {number} version
 * @property {(db: IDBDatabase, former: number) => void} upgrade
 * @property {(db: IDBDatabase) => Promise<void>} [check] runs before the first use of each
 *   connection; when it rejects, so does that use
 * @property {() => void} [deleted] another tab deletes the database; the next use makes a new one
 * @property {() => void} [emptied] the browser had deleted the database: this is a new one
 */

export class Database {
  /** @type {Promise<IDBDatabase> | null} */
  #opening = null;
  /** The open connection. @type {IDBDatabase | null} */
  #db = null;
  /** Whether a use has given up waiting for `#opening`. */
  #isLate = false;
  #wasOpen = false;
  #isClosed = false;
  #name;
  #options;

  /** @param {string} name @param {Options} options */
  constructor(name, options) {
    this.#name = name;
    this.#options = options;
  }

  /**
   * Run requests, and once more on a new connection when the present one turns out to be closed.
   *
   * @template T
   * @param {(db: IDBDatabase) => Promise<T>} work
   * @returns {Promise<T>}
   * @throws {DOMException} `TimeoutError` when it cannot be opened in time
   */
  async use(work) {
    const db = await this.#open();
    try {
      return await work(db);
    } catch (error) {
      if (!(error instanceof DOMException) || !CLOSED.includes(error.name)) throw error;
      this.#drop(db);
      return work(await this.#open());
    }
  }

  /** It is not used again. */
  close() {
    this.#isClosed = true;
    this.#drop(this.#db);
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    if (this.#isClosed) throw new DOMException('The database is closed.', 'InvalidStateError');
    if (!this.#opening) {
      this.#isLate = false;
      this.#opening = this.#connect();
    }
    return this.#db || !this.#isLate ? this.#inTime(this.#opening) : Promise.reject(notOpen());
  }

  /** @param {Promise<IDBDatabase>} opening */
  async #inTime(opening) {
    let timer = 0;
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(() => {
        this.#isLate = true;
        reject(notOpen());
      }, OPEN_TIMEOUT_MS);
    });
    try {
      return await Promise.race([opening, /** @type {Promise<never>} */ (timeout)]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect() {
    try {
      const db = await this.#request();
      this.#db = db;
      if (this.#isClosed) this.#drop(db);
      this.#wasOpen = true;
      await this.#options.check?.(db);
      return db;
    } catch (error) {
      this.#opening = null;
      this.#drop(this.#db);
      throw error;
    }
  }

  /** @returns {Promise<IDBDatabase>} */
  async #request() {
    try {
      return await this.#ask(this.#options.version);
    } catch (error) {
      // A newer release has added stores; those of this release are still there.
      if (!(error instanceof DOMException) || error.name !== 'VersionError') throw error;
      return this.#ask();
    }
  }

  /** @param {number} [version] the present one when left out */
  async #ask(version) {
    const { upgrade, emptied } = this.#options;
    const request = indexedDB.open(this.#name, version);
    request.onupgradeneeded = ({ oldVersion }) => {
      upgrade(request.result, oldVersion);
      if (!oldVersion && this.#wasOpen) emptied?.();
    };
    const db = await result(request);
    db.onversionchange = ({ newVersion }) => this.#yield(db, newVersion);
    db.onclose = () => this.#drop(db);
    return db;
  }

  /**
   * Close the connection for another tab that deletes or upgrades the database.
   *
   * @param {IDBDatabase} db
   * @param {number | null} wanted the new version; null: it is deleted
   */
  #yield(db, wanted) {
    this.#drop(db);
    if (wanted === null) this.#options.deleted?.();
  }

  /** Drop a connection: the next use opens another one. @param {IDBDatabase | null} db */
  #drop(db) {
    db?.close();
    if (db && this.#db === db) this.#db = this.#opening = null;
  }
}

const notOpen = () => new DOMException('The database does not open.', 'TimeoutError');

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Resolves when all of a transaction is stored.
 *
 * @param {IDBTransaction} tx
 * @returns {Promise<void>}
 */
export function done(tx) {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new DOMException('The connection ended.', 'AbortError'));
  });
}
