/**
 * The “send later” menu: when to send, and how many messages are scheduled. Loaded when it is first
 * opened.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { Composer, ComposerSending } from './composer-sending.js' */

import { connect } from '../realtime/client.js';
import { timePresets, parseLocalTime, formatLocalTime } from '../shell/local-time.js';
import { icon } from '../shell/icon.js';
import { closeMenu, placeBeside } from '../shell/popover.js';
import { upcomingDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { errorText } from './error-text.js';

export class SendLater {
  #menu;
  #composer;
  #sending;

  /** @param {HTMLElement} menu @param {Composer} composer @param {ComposerSending} sending */
  constructor(menu, composer, sending) {
    this.#menu = menu;
    this.#composer = composer;
    this.#sending = sending;
  }

  /** Position the menu and focus its first control. */
  opened() {
    const from = this.#composer.querySelector('.later');
    if (from) placeBeside(this.#menu, from);
    /** @type {HTMLElement | null} */ (this.#menu.querySelector('button:enabled, input:enabled'))?.focus();
  }

  /** @param {ChatView} chat @param {boolean} hasText */
  view(chat, hasText) {
    const ready = hasText || this.#sending.filesOfDraft.length > 0;
    return sendLaterView(chat, { ready, choose: (due) => void this.#schedule(due) });
  }

  get #replyTo() {
    const { draft, to } = this.#composer;
    return (draft.reply ?? to.quote())?.seq ?? null;
  }

  /** The server has it. @param {string} text */
  #scheduled(text) {
    const { draft } = this.#composer;
    if (this.#sending.textToSend() === text) {
      draft.clear();
      this.#composer.clearInput();
    }
    draft.save();
  }

  /** What is written stays until the server has it. @param {Date} due */
  async #schedule(due) {
    const composer = this.#composer;
    this.#menu.hidePopover();
    const text = this.#sending.textToSend();
    // Also files that the owner does not know yet.
    const files = composer.isTooLong ? [] : (composer.files?.shown ?? this.#sending.filesOfDraft);
    if (!text && !files.length) return;
    if (files.some(({ state }) => state !== 'ready')) {
      composer.tell({ error: t('Not all files are uploaded yet. Wait for them, or remove them; then choose the time again.') });
      return;
    }
    const uploads = files.map(({ upload }) => upload);
    const message = { chat: composer.chat, text, due_at: due.toISOString(), reply_to: this.#replyTo, uploads };
    try {
      await connect().request('schedule', message);
      this.#scheduled(text);
      composer.tell({ note: t('Scheduled for {when}.', { when: upcomingDate(due) }) });
    } catch (error) {
      composer.tell({ error: errorText(error) });
    }
  }
}

/**
 * @param {ChatView} chat
 * @param {{ ready: boolean, choose: (due: Date) => void }} context `ready`: there is something to send
 */
function sendLaterView({ id, scheduled }, { ready, choose }) {
  const { hour, tomorrow, monday } = timePresets(Date.now());
  /** @param {string} words @param {Date} due */
  const item = (words, due) => html`<button type="button" class="menu-item later-one" ?disabled=${!ready}
    @click=${() => choose(due)}><span>${words}</span><span class="menu-detail">${upcomingDate(due)}</span></button>`;
  return html`<h2 class="later-head">${t('Send later')}</h2>
    ${ready ? nothing : html`<p class="menu-text">${t('Write something first, then choose when it is sent.')}</p>`}
    ${item(t('In an hour'), hour)}${item(t('Tomorrow at nine'), tomorrow)}${
      +monday === +tomorrow ? nothing : item(t('Monday at nine'), monday)
    }
    <form class="later-form" @submit=${(/** @type {SubmitEvent} */ event) => submitted(event, choose)}>
      <label class="field"><b>${t('At another time')}</b>
        <input class="input" type="datetime-local" name="due" required ?disabled=${!ready}
          min=${formatLocalTime(Date.now())} .defaultValue=${formatLocalTime(tomorrow)}></label>
      <button class="btn btn-small btn-quiet" ?disabled=${!ready}>${t('Schedule')}</button>
    </form>
    ${scheduled.length
      ? html`<button type="button" class="menu-item later-all" @click=${(/** @type {Event} */ event) => {
          closeMenu(event);
          showScheduled(id);
        }}>${icon('clock')}${tn('{n} scheduled', '{n} scheduled', scheduled.length)}</button>`
      : nothing}`;
}

/** @param {SubmitEvent} event @param {(due: Date) => void} choose */
function submitted(event, choose) {
  event.preventDefault();
  const due = new FormData(/** @type {HTMLFormElement} */ (event.target)).get('due');
  choose(parseLocalTime(String(due)));
}

/** @param {string} chat */
const showScheduled = (chat) =>
  void import('./scheduled-messages.js').then(
    ({ openScheduled }) => openScheduled(chat),
    () => {},
  );
