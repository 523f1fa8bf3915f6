/**
 * `<read-all-dialog>`: asks before all chats are marked as read, for others see what one has read.
 *
 * @module
 */

import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from './dialog.js';
import { focusQuestion, questionView } from './question.js';
import { html } from './view.js';
import { t } from './words.js';

export class ReadAllDialog extends Dialog {
  start() {
    super.start();
    focusQuestion(this.querySelector('.panel-buttons'));
  }

  heading() {
    return t('Mark all chats as read');
  }

  content() {
    return html`<div class="panel-buttons">${questionView({
      question: t('Mark every chat as read? This cannot be undone, and others may see that you have read their messages.'),
      words: t('Mark all as read'),
      isAlert: false,
      yes: () => this.#markRead(),
      no: () => this.close(),
    })}</div>`;
  }

  #markRead() {
    void connect().markRead(null);
    this.close();
  }
}

customElements.define('read-all-dialog', ReadAllDialog);

/** Open it, once. */
export function askReadAll() {
  if (!document.querySelector('read-all-dialog')) openDialog('read-all-dialog', {});
}
