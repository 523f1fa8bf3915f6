/**
 * What the elements have in common: they draw themselves with lit-html into the page itself (no
 * shadow), once for all changes of a turn.
 *
 * @module
 */

import { html, nothing, render } from '../vendor/lit-html/lit-html.js';

export { html, nothing, render };

export class View extends HTMLElement {
  #isScheduled = false;
  /** @type {(() => void)[]} */
  #cleanups = [];
  /** @type {[string, unknown][]} */
  #presetProperties = [];

  constructor() {
    super();
    // What a template set before the class had been loaded stands in the way of the setters, and
    // would be forgotten where there are none.
    for (const [name, value] of Object.entries(this)) {
      this.#presetProperties.push([name, value]);
      delete (/** @type {any} */ (this)[name]);
    }
  }

  connectedCallback() {
    this.#applyPresetProperties();
    this.start();
    this.update();
  }

  disconnectedCallback() {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.stop();
  }

  /** Give back what the constructor took. */
  #applyPresetProperties() {
    for (const [name, value] of this.#presetProperties.splice(0)) {
      /** @type {any} */ (this)[name] = value;
    }
  }

  /** Begin to watch; called whenever the element enters the page. */
  start() {}

  /** Leave things tidy; what was given to `until` has ended already. */
  stop() {}

  /** Call these when the element leaves the page. @param {...(() => void)} cleanups */
  addCleanup(...cleanups) {
    this.#cleanups.push(...cleanups);
  }

  /** Listen as long as the element is in the page. @param {EventTarget} target
   * @param {string} kind @param {(event: any) => void} heard */
  listen(target, kind, heard) {
    target.addEventListener(kind, heard);
    this.addCleanup(() => target.removeEventListener(kind, heard));
  }

  /** Draw soon. */
  update() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
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
