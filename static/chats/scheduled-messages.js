/**
 * `<scheduled-messages>`: scheduled messages, those that wait for a moderator, and those that could
 * not be sent.
 *
 * @module
 */

/** @import { ChatComposer } from './composer.js' */
/** @import { ChatView, ScheduledView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { iconOf } from '../files/file-texts.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { icon } from '../shell/icon.js';
import { parseLocalTime, formatLocalTime } from '../shell/local-time.js';
import { upcomingDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { chatTitle } from './list.js';
import { renderLine } from './markup/render.js';
import { errorText, errorView } from './error-text.js';
import { refusalText } from './row.js';

export class ScheduledMessages extends Dialog {
  /** Id of a chat; empty for all chats. */
  chat = '';
  /** @type {ChatView[]} */
  #chats = [];
  /** @type {{ id: string, text: string } | null} the message that is being edited */
  #changing = null;
  /** The last error, and the message that it belongs to. */
  #error = { id: '', words: '' };

  start() {
    super.start();
    this.addCleanup(
      connect().watchChats((chats) => {
        this.#chats = chats.filter(({ id }) => !this.chat || id === this.chat);
        this.update();
      }),
    );
  }

  heading() {
    return t('Scheduled messages');
  }

  /** @param {string} id @param {Promise<unknown>} done */
  async #ask(id, done) {
    this.#error = { id: '', words: '' };
    try {
      await done;
      this.#changing = null;
    } catch (error) {
      this.#error = { id, words: errorText(error) };
    }
    this.update();
  }

  /** @param {string} id */
  async #change(id) {
    try {
      this.#changing = { id, text: await connect().request('scheduledText', id) };
    } catch (error) {
      this.#error = { id, words: errorText(error) };
    }
    this.draw();
    this.querySelector('textarea')?.focus();
  }

  content() {
    const all = this.#chats
      .flatMap((chat) => chat.scheduled.map((one) => ({ ...one, chat })))
      .sort((a, b) => (a.due_at < b.due_at ? -1 : 1));
    if (!all.length) {
      return html`<p class="people-none">${t('Nothing waits to be sent. The clock beside “Send” puts a message here.')}</p>`;
    }
    return html`<ul role="list">${repeat(
      all,
      ({ id }) => id,
      (one) => html`<li class="summary own" data-scheduled=${one.id}>${this.#one(one)}</li>`,
    )}</ul>`;
  }

  /** @param {ScheduledView & { chat: ChatView }} one */
  #one(one) {
    const { id, chat, text, files, due_at, failed, held } = one;
    const error = this.#error.id === id ? errorView(this.#error.words) : nothing;
    if (this.#changing?.id === id) return html`${this.#form(this.#changing, one)}${error}`;
    const client = connect();
    /** @param {string} words @param {() => void} act @param {string} [kind] */
    const verb = (words, act, kind = '') =>
      html`<button class="btn btn-small btn-quiet ${kind}" @click=${act}>${words}</button>`;
    const when = html`<time datetime=${due_at}>${upcomingDate(due_at)}</time>`;
    const discard = held
      ? verb(t('Withdraw'), () => this.#ask(id, withdraw(id, chat.id)), 'btn-alert')
      : verb(t('Do not send'), () => this.#ask(id, client.request('unschedule', id)), 'btn-alert');
    return html`<div class="summary-top"><b class="row-who">${held ? t('Waits for a moderator') : when}</b>
        <bdi class="summary-chat">${chatTitle(chat)}</bdi></div>
      ${text ? html`<div class="text scheduled-text" dir="auto">${renderLine(text)}</div>` : nothing}
      ${files.length ? html`<div class="text" dir="auto">${filesLine(files)}</div>` : nothing}
      ${held ? html`<p class="menu-detail">${t('Only you see it. If no moderator decides, you have it back:')} ${when}</p>` : nothing}
      ${failed === null ? nothing : failureView(one)}
      <div class="panel-buttons">
        ${held ? nothing : verb(t('Change'), () => this.#change(id))}
        ${held || failed === 'refused' ? nothing : verb(t('Send now'), () => this.#ask(id, client.request('sendNow', id)))}
        ${discard}
      </div>${error}`;
  }

  /** @param {{ id: string, text: string }} changing @param {ScheduledView} one */
  #form({ id, text }, { due_at, files }) {
    const soon = Math.max(Date.parse(due_at), Date.now() + 3_600_000);
    return html`<form class="panel-form" @submit=${(/** @type {SubmitEvent} */ event) => this.#submitted(event, id)}>
      <label class="field"><b>${t('Message')}</b>
        <textarea class="input scheduled-input" name="text" ?required=${!files.length} dir="auto" rows="3" .defaultValue=${text}></textarea></label>
      ${files.length ? html`<p class="field-hint">${t('Its files stay:')} ${filesLine(files)}</p>` : nothing}
      <label class="field"><b>${t('When')}</b>
        <input class="input" type="datetime-local" name="due" required min=${formatLocalTime(Date.now())} .defaultValue=${formatLocalTime(soon)}></label>
      <div class="panel-buttons"><button class="btn btn-small">${t('Save')}</button>
        <button type="button" class="btn btn-small btn-quiet" @click=${() => {
          this.#changing = null;
          this.update();
        }}>${t('Cancel')}</button></div>
    </form>`;
  }

  /** @param {SubmitEvent} event @param {string} id */
  #submitted(event, id) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const due_at = parseLocalTime(String(form.get('due'))).toISOString();
    const text = String(form.get('text'));
    void this.#ask(id, connect().request('reschedule', id, { text, due_at }));
  }
}

/**
 * Take back a message that waits for a moderator. Its words are in the composer then, before what
 * is there.
 *
 * @param {string} id @param {string} chat
 */
async function withdraw(id, chat) {
  const client = connect();
  const text = await client.request('scheduledText', id);
  await client.request('withdraw', id);
  const composer = /** @type {ChatComposer | null} */ (document.querySelector('chat-composer'));
  if (composer?.input && composer.chat === chat) {
    composer.putBack(text);
    return;
  }
  const draft = await client.draft(chat);
  await client.saveDraft(chat, [text, draft.text].filter(Boolean).join('\n'), draft.reply);
}

/** Why it was not sent; what a moderator wrote, too. @param {ScheduledView} scheduled */
const failureView = ({ failed, answer }) =>
  html`<p class="error">${refusalText({ code: String(failed) })}${answer ? html` ${t('Reason:')} <bdi>${answer}</bdi>` : nothing}</p>`;

/** @param {ScheduledView['files']} files */
const filesLine = (files) => files.map(({ kind, name }, index) => html`${index ? ', ' : nothing}${icon(iconOf({ kind, type: '' }), { size: '14' })} <bdi>${name}</bdi>`);

customElements.define('scheduled-messages', ScheduledMessages);

/** @param {string} [chat] */
export const openScheduled = (chat = '') => openDialog('scheduled-messages', { chat });
