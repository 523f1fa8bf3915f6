/** Servers of two releases run at the same time no longer than this. */
const MIXED_RELEASES_MS = 10 * 60_000;

/** Which release the pages come from, and which the server runs. */
export class Releases {
  #page = '';
  /** @type {string | null} */
  #server = null;
  /** When the server's release became another one (`performance.now`). */
  #differSince = 0;

  /** @param {string} release of the newest page */
  pageOpened(release) {
    this.#page = release;
  }

  /** @param {string} release as the server names it on a new connection */
  serverSaid(release) {
    if (this.#server !== release) this.#differSince = performance.now();
    this.#server = release;
  }

  /** The server's release when it differs from the page's. */
  get other() {
    return this.#server === this.#page ? null : this.#server;
  }

  /** Whether a server of the release before may still reply. */
  get isMixed() {
    return this.other !== null && performance.now() - this.#differSince < MIXED_RELEASES_MS;
  }
}
