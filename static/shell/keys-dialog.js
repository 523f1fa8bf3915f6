/**
 * `<keys-dialog>`: the keys of the app.
 *
 * @module
 */

import { Dialog, openDialog } from './dialog.js';
import { IS_APPLE } from './keys.js';
import { html } from './view.js';
import { t } from './words.js';

/** @returns {[string, [string, string][]][]} */
const keys = () => [
  [
    t('Everywhere'),
    [
      ['Ctrl K', t('Find people, chats, messages')],
      ['Alt ↑ / ↓', t('Previous or next chat')],
      ['Alt ⇧ ↑ / ↓', t('Previous or next unread chat')],
      ['Esc', t('Mark the open chat as read, and go to the newest message')],
      ['⇧ Esc', t('Mark all chats as read')],
      ['Ctrl F6', t('Go to the next part of the page')],
      ['?, Ctrl /', t('Show these keys')],
    ],
  ],
  [
    t('In the list of chats'),
    [
      ['↑ / ↓', t('Previous or next chat')],
      ['Home, End', t('First or last chat')],
      ['Enter', t('Open the chat')],
      ['⇧ F10', t('What to do with this chat')],
    ],
  ],
  [
    t('On messages'),
    [
      ['↑ / ↓', t('Previous or next message')],
      ['Enter, ⇧ F10', t('What to do with this message')],
      ['Esc', t('Back to writing')],
    ],
  ],
  [
    t('While writing'),
    [
      ['Enter', t('Send')],
      ['⇧ Enter', t('New line')],
      ['↑', t('Edit your last message, in an empty field')],
      ['Ctrl B, Ctrl I', t('Bold, italic')],
      ['Ctrl ⇧ X', t('Strike through')],
      ['Ctrl ⇧ Enter', t('Send later')],
      ['Esc', t('Cancel the reply or the edit')],
    ],
  ],
];

export class KeysDialog extends Dialog {
  heading() {
    return t('Keyboard shortcuts');
  }

  content() {
    return html`<div class="keys">${keys().map(
      ([words, rows]) => html`<h3 class="keys-head">${words}</h3><dl class="keys-list">${rows.map(
        ([key, does]) => html`<div class="keys-row"><dt><kbd>${keyText(key)}</kbd></dt><dd>${does}</dd></div>`,
      )}</dl>`,
    )}</div>`;
  }
}

/** As keyboards of the reader's language name them. @param {string} key */
function keyText(key) {
  /** @type {Record<string, string>} */
  const names = { Ctrl: IS_APPLE && key !== 'Ctrl F6' ? '⌘' : t('Ctrl'), Enter: t('Enter'), Home: t('Home'), End: t('End') };
  return key.replace(/\w+/g, (name) => names[name] ?? name);
}

customElements.define('keys-dialog', KeysDialog);

/** Open it, once. */
export function openKeys() {
  if (!document.querySelector('keys-dialog')) openDialog('keys-dialog', {});
}
