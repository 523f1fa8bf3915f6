/** @import { Drafts } from './drafts.js' */
/** @import { Outbox } from './outbox.js' */
/** @import { UnsentDatabase } from './store/unsent-database.js' */

const RETRY_MS = 5000;

/** Reads unsent messages and drafts: at the start, and when another owner changed them. */
export class UnsentLoader {
  #isReading = false;
  /** Whether it changed since it was last read. */
  #isStale = false;
  #database;
  #parts;

  /**
   * @param {UnsentDatabase} database
   * @param {{ outbox: Outbox, drafts: Drafts }} parts
   */
  constructor(database, parts) {
    this.#database = database;
    this.#parts = parts;
  }

  /** A call while it is being read makes it be read once more. */
  async load() {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    const { outbox, drafts } = this.#parts;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        outbox.beforeRead();
        drafts.beforeRead();
        const stored = await this.#database.load();
        outbox.restore(stored.outbox);
        drafts.restore(stored.drafts);
      }
    } catch (error) {
      console.warn('Unsent messages and drafts cannot be read.', error);
      setTimeout(() => void this.load(), RETRY_MS);
    } finally {
      this.#isReading = false;
    }
  }
}
