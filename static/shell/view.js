/**
 * Base class of the app's elements. They draw with lit-html into the page itself (no shadow DOM),
 * once per microtask however many properties changed.
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
    // A template may have set properties before this class was loaded. As own properties they hide
    // the setters, and field initialisers overwrite them: remove them here, set them again later.
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

  /** Set the properties that the constructor removed. */
  #applyPresetProperties() {
    for (const [name, value] of this.#presetProperties.splice(0)) {
      /** @type {any} */ (this)[name] = value;
    }
  }

  /** Called when the element enters the page: subscribe to data here. */
  start() {}

  /** Called when the element leaves the page, after the cleanups. */
  stop() {}

  /** Functions to call when the element leaves the page. @param {...(() => void)} cleanups */
  addCleanup(...cleanups) {
    this.#cleanups.push(...cleanups);
  }

  /** Listen while the element is in the page. @param {EventTarget} target
   * @param {string} kind @param {(event: any) => void} heard */
  listen(target, kind, heard) {
    target.addEventListener(kind, heard);
    this.addCleanup(() => target.removeEventListener(kind, heard));
  }

  /** Draw in the next microtask. */
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
