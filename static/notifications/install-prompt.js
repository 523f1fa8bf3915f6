/**
 * The browser's install prompt, deferred until the person asks for it.
 *
 * @module
 */

/** @typedef {Event & { prompt: () => Promise<unknown> }} InstallEvent */

class InstallPrompt extends EventTarget {
  /** @type {InstallEvent | null} */
  #event = null;

  constructor() {
    super();
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#set(/** @type {InstallEvent} */ (event));
    });
    addEventListener('appinstalled', () => this.#set(null));
  }

  get isAvailable() {
    return this.#event !== null;
  }

  /** Show the prompt. The browser allows that once per event. */
  async install() {
    const event = this.#event;
    this.#set(null);
    await event?.prompt();
  }

  /** @param {InstallEvent | null} event */
  #set(event) {
    this.#event = event;
    this.dispatchEvent(new Event('changed'));
  }
}

export const installPrompt = new InstallPrompt();
