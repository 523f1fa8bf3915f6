/**
 * Base of the elements that are a dialog: in the page from opening to closing.
 *
 *     openDialog('new-chat', { contacts });
 *
 * @module
 */

import { connect } from '../realtime/client.js';
import { icon } from './icon.js';
import { router } from './router.js';
import { View, html } from './view.js';
import { t } from './words.js';

export class Dialog extends View {
  start() {
    this.draw();
    this.dialog.addEventListener('close', () => this.remove());
    // A press on what lies behind closes it.
    this.dialog.addEventListener('pointerdown', (event) => event.target === this.dialog && this.close());
    this.dialog.showModal();
    this.listen(router, 'navigated', () => this.close());
    // Whoever stands before it after that may be somebody else.
    this.addCleanup(connect().watchConnection(({ state }) => state === 'signed_out' && this.close()));
  }

  /** Who follows a link is there first with the focus, too. @param {Event} event */
  #clicked(event) {
    if (/** @type {Element} */ (event.target).closest('a[href]')) this.close();
  }

  get dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
  }

  close() {
    this.dialog.close();
  }

  /** @returns {string} what it is for */
  heading() {
    return '';
  }

  /** @returns {unknown} what is in it */
  content() {
    return '';
  }

  view() {
    return html`<dialog class="dialog" aria-labelledby="dialog-title" @click=${this.#clicked}><div class="dialog-in">
      <header class="dialog-top"><h2 id="dialog-title">${this.heading()}</h2>
        <button class="tool" aria-label=${t('Close')} @click=${() => this.close()}>${icon('x')}</button></header>
      ${this.content()}
    </div></dialog>`;
  }
}

/** @param {string} name of the element, which is known already @param {object} properties */
export function openDialog(name, properties) {
  const element = Object.assign(document.createElement(name), properties);
  document.body.append(element);
  return element;
}
