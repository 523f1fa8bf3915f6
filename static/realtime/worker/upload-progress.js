/**
 * How many bytes of each upload the server has. Not stored, because the server knows it.
 *
 * @module
 */

const SHOW_INTERVAL_MS = 150;

export class UploadProgress {
  /** @type {Map<string, number>} */
  #sent = new Map();
  /** Whose progress is shown soon. @type {Set<string>} */
  #moved = new Set();
  #timer = 0;
  #show;

  /** @param {(ids: string[]) => void} show called now and then with the uploads that moved */
  constructor(show) {
    this.#show = show;
  }

  /** @param {string} id */
  of(id) {
    return this.#sent.get(id) ?? 0;
  }

  /** @param {string} id @param {number} sent */
  set(id, sent) {
    this.#sent.set(id, sent);
    this.#moved.add(id);
    this.#timer ||= setTimeout(() => this.#showMoved(), SHOW_INTERVAL_MS);
  }

  /** @param {string} id */
  delete(id) {
    this.#sent.delete(id);
  }

  #showMoved() {
    this.#timer = 0;
    const moved = [...this.#moved];
    this.#moved.clear();
    this.#show(moved);
  }
}
