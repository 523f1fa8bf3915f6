/**
 * The browser's own offer to install the app, kept until somebody wants it.
 *
 * @module
 */

/** @typedef {Event & { prompt: () => Promise<unknown> }} Offer */

class Installing extends EventTarget {
  /** @type {Offer | null} */
  #offer = null;

  constructor() {
    super();
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#set(/** @type {Offer} */ (event));
    });
    addEventListener('appinstalled', () => this.#set(null));
  }

  get possible() {
    return this.#offer !== null;
  }

  /** An offer can be taken once. */
  async install() {
    const offer = this.#offer;
    this.#set(null);
    await offer?.prompt();
  }

  /** @param {Offer | null} offer */
  #set(offer) {
    this.#offer = offer;
    this.dispatchEvent(new Event('changed'));
  }
}

export const installing = new Installing();
