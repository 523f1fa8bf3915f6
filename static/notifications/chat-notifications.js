/**
 * `<chat-notifications>`: the notification settings of one chat.
 *
 * @module
 */

/** @import { ChatView, ChatSettings } from '../realtime/contract.js' */

import { errorView } from '../chats/error-text.js';
import { muteTimes } from '../chats/mute-times.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { LEVELS } from './labels.js';

export class ChatNotifications extends Dialog {
  chat = '';
  /** @type {ChatView | null} */
  #about = null;
  /** What counts in chats without a choice of their own. */
  #default = '';

  start() {
    super.start();
    this.addCleanup(
      connect().watchChats((chats) => {
        this.#about = chats.find(({ id }) => id === this.chat) ?? null;
        this.update();
      }),
      connect().watchMe(({ notifications }) => {
        this.#default = LEVELS.find(([level]) => level === notifications?.level)?.[1]() ?? '';
        this.update();
      }),
    );
  }

  heading() {
    return t('Notifications for this chat');
  }

  /** @param {ChatSettings} marks */
  async #mark(marks) {
    if (!(await this.run(() => connect().command({ type: 'chat.marks', chat: this.chat, ...marks })))) this.#resetLevel();
  }

  /** Reset the radio buttons: the browser has moved them, and lit-html sees no change to draw. */
  #resetLevel() {
    /** @type {NodeListOf<HTMLInputElement>} */
    const levels = this.querySelectorAll('input[name=notify]');
    for (const one of levels) one.checked = one.value === this.#about?.notify;
  }

  draw() {
    const had = this.contains(document.activeElement) ? document.activeElement : null;
    super.draw();
    // The pressed button has disappeared: focus the one in its place.
    if (had?.isConnected !== false) return;
    /** @type {HTMLElement | null} */ (this.querySelector('.panel-buttons button'))?.focus();
  }

  content() {
    const about = this.#about;
    if (!about) return nothing;
    return html`<fieldset class="field"><legend>${t('Notify me about')}</legend>
        ${[/** @type {const} */ (['', () => this.#defaultText()]), ...LEVELS].map(
          ([level, words]) => html`<label class="check"><input type="radio" name="notify" value=${level}
            .checked=${about.notify === level} @change=${() => this.#mark({ notify: level })}>${words()}</label>`,
        )}</fieldset>
      <div class="field"><b>${t('Mute')}</b><p class="field-hint" role="status">${muteText(about)}</p>
        <div class="panel-buttons">${about.muted ? this.#button(t('Unmute'), () => ({ muted: false })) : nothing}${this.#mutes()}</div></div>
      ${errorView(this.error)}`;
  }

  #defaultText() {
    return this.#default ? t('Default ({level})', { level: this.#default }) : t('Default');
  }

  #mutes() {
    return muteTimes().map(([words, settings]) => this.#button(words, settings));
  }

  /** @param {string} words @param {() => ChatSettings} marks computed when the button is pressed */
  #button(words, marks) {
    return html`<button class="btn btn-small btn-quiet" @click=${() => this.#mark(marks())}>${words}</button>`;
  }
}

/** @param {ChatView} chat */
function muteText({ muted, muted_until }) {
  if (!muted) return t('It is not muted.');
  if (muted_until) return t('Muted until {when}.', { when: fullDate(muted_until) });
  return t('Muted until you unmute it.');
}

customElements.define('chat-notifications', ChatNotifications);

/** @param {string} chat */
export const openChatNotifications = (chat) => openDialog('chat-notifications', { chat });
