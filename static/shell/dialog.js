/**
 * Base class of dialogs. A dialog is in the page only while it is open.
 *
 *     openDialog('new-chat', { contacts });
 *
 * @module
 */

import { errorText } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { icon } from './icon.js';
import { pathInApp, router } from './router.js';
import { View, html } from './view.js';
import { t } from './words.js';

export class Dialog extends View {
  /** Shown by `errorView(this.error)` where the content wants it. */
  error = '';

  start() {
    this.draw();
    this.dialog.addEventListener('close', () => this.remove());
    // A press on the backdrop closes the dialog.
    this.dialog.addEventListener('pointerdown', (event) => event.target === this.dialog && this.close());
    this.dialog.showModal();
    this.#focusFirst();
    this.addCleanup(router.closeOnBack(() => this.close(), () => this.dialog.open));
    this.listen(router, 'navigated', () => this.close());
    // After sign-out another person may use the device.
    this.addCleanup(connect().watchConnection(({ state }) => state === 'signed_out' && this.close()));
  }

  /**
   * Close before a link within the app is followed, so that the new page can take the focus.
   *
   * @param {Event} event
   */
  #clicked(event) {
    if (pathInApp(/** @type {Element} */ (event.target).closest('a[href]'))) this.close();
  }

  /**
   * Focus the first field, or the title where there is none, and where a keyboard on the screen
   * would cover the dialog. The browser would focus the button that closes it: a blank in what
   * somebody types would press it.
   */
  #focusFirst() {
    const field = this.querySelector('input:not([type=hidden], [type=file]), textarea, select');
    const hasKeyboard = matchMedia('(hover: hover)').matches;
    /** @type {HTMLElement} */ ((hasKeyboard && field) || this.querySelector('h2')).focus();
  }

  get dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
  }

  close() {
    this.dialog.close();
  }

  /**
   * Run an action and redraw; show its error if it fails.
   *
   * @param {() => Promise<unknown>} act
   * @returns {Promise<boolean>} whether it succeeded
   */
  async run(act) {
    this.error = '';
    try {
      await act();
    } catch (error) {
      this.error = errorText(error);
    }
    this.update();
    return !this.error;
  }

  /** @returns {string} the title */
  heading() {
    return '';
  }

  /** @returns {unknown} a template */
  content() {
    return '';
  }

  view() {
    return html`<dialog class="dialog" aria-labelledby="dialog-title" @click=${this.#clicked}><div class="dialog-in">
      <header class="dialog-top"><h2 id="dialog-title" tabindex="-1">${this.heading()}</h2>
        <button class="tool" aria-label=${t('Close')} @click=${() => this.close()}>${icon('x')}</button></header>
      ${this.content()}
    </div></dialog>`;
  }
}

/** @param {string} name of a defined element @param {object} properties */
export function openDialog(name, properties) {
  const element = Object.assign(document.createElement(name), properties);
  document.body.append(element);
  return element;
}
