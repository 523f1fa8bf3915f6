/**
 * What the elements have in common: they draw themselves with lit-html into the page itself (no
 * shadow), once for all changes of a turn.
 *
 * @module
 */

import { html, nothing, render } from '../vendor/lit-html/lit-html.js';

export { html, nothing, render };

export class View extends HTMLElement {
  #waiting = false;
  /** @type {(() => void)[]} */
  #stops = [];

  connectedCallback() {
    this.#adopt();
    this.start();
    this.update();
  }

  disconnectedCallback() {
    for (const stop of this.#stops.splice(0)) stop();
    this.stop();
  }

  /** What a template set before the class had been loaded stands in the way of the setters. */
  #adopt() {
    for (const name of Object.keys(this)) {
      if (!Object.getOwnPropertyDescriptor(Object.getPrototypeOf(this), name)?.set) continue;
      const early = /** @type {any} */ (this);
      const value = early[name];
      delete early[name];
      early[name] = value;
    }
  }

  /** Begin to watch; called whenever the element enters the page. */
  start() {}

  /** Leave things tidy; what was given to `until` has ended already. */
  stop() {}

  /** Call these when the element leaves the page. @param {...(() => void)} stops */
  until(...stops) {
    this.#stops.push(...stops);
  }

  /** Listen as long as the element is in the page. @param {EventTarget} target
   * @param {string} kind @param {(event: any) => void} heard */
  listen(target, kind, heard) {
    target.addEventListener(kind, heard);
    this.until(() => target.removeEventListener(kind, heard));
  }

  /** Draw soon. */
  update() {
    if (this.#waiting) return;
    this.#waiting = true;
    queueMicrotask(() => {
      this.#waiting = false;
      if (this.isConnected) this.draw();
    });
  }

  /** Draw now. */
  draw() {
    render(this.view(), this, { host: this });
  }

  /** @returns {unknown} a template */
  view() {
    return nothing;
  }
}
