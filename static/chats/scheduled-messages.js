/**
 * `<scheduled-messages>`: what is sent later, and what could not be.
 *
 * @module
 */

/** @import { ChatView, ScheduledView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { schedule } from '../realtime/schedule.js';
import { Dialog, show } from '../shell/dialog.js';
import { instantOf, wallOf } from '../shell/local-time.js';
import { moment } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { titleOf } from './list.js';
import { preview } from './markup.js';
import { problem } from './error-text.js';
import { refusal } from './row.js';

export class ScheduledMessages extends Dialog {
  /** Id of the chat; empty: of all. */
  chat = '';
  /** @type {ChatView[]} */
  #chats = [];
  /** @type {{ id: string, text: string } | null} what is being changed */
  #changing = null;
  /** What went wrong, and with which one. */
  #wrong = { id: '', words: '' };

  start() {
    super.start();
    this.until(
      connect().watchChats((chats) => {
        this.#chats = chats.filter(({ id }) => !this.chat || id === this.chat);
        this.update();
      }),
    );
  }

  heading() {
    return t('Sent later');
  }

  /** @param {string} id @param {Promise<unknown>} done */
  async #ask(id, done) {
    this.#wrong = { id: '', words: '' };
    try {
      await done;
      this.#changing = null;
    } catch (error) {
      this.#wrong = { id, words: problem(error) };
    }
    this.update();
  }

  /** @param {string} id */
  async #change(id) {
    try {
      this.#changing = { id, text: await schedule(connect()).text(id) };
    } catch (error) {
      this.#wrong = { id, words: problem(error) };
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
      (one) => html`<li class="brief own" data-scheduled=${one.id}>${this.#one(one)}</li>`,
    )}</ul>`;
  }

  /** @param {ScheduledView & { chat: ChatView }} one */
  #one(one) {
    const { id, chat, text, due_at, failed } = one;
    const wrong = this.#wrong.id === id ? html`<p class="wrong" role="alert">${this.#wrong.words}</p>` : nothing;
    if (this.#changing?.id === id) return html`${this.#form(this.#changing, due_at)}${wrong}`;
    const asked = schedule(connect());
    /** @param {string} words @param {() => void} act @param {string} [kind] */
    const verb = (words, act, kind = '') =>
      html`<button class="btn btn-small btn-quiet ${kind}" @click=${act}>${words}</button>`;
    return html`<div class="brief-top"><b class="row-who"><time datetime=${due_at}>${moment(due_at)}</time></b>
        <bdi class="brief-where">${titleOf(chat)}</bdi></div>
      <div class="text scheduled-text" dir="auto">${preview(text)}</div>
      ${failed === null ? nothing : html`<p class="wrong">${refusal({ code: failed })}</p>`}
      <div class="panel-do">
        ${verb(t('Change'), () => this.#change(id))}
        ${verb(t('Send now'), () => this.#ask(id, asked.sendNow(id)))}
        ${verb(t('Do not send'), () => this.#ask(id, asked.cancel(id)), 'btn-alert')}
      </div>${wrong}`;
  }

  /** @param {{ id: string, text: string }} changing @param {string} due */
  #form({ id, text }, due) {
    const soon = Math.max(Date.parse(due), Date.now() + 3_600_000);
    return html`<form class="panel-form" @submit=${(/** @type {SubmitEvent} */ event) => this.#submitted(event, id)}>
      <label class="field"><b>${t('Message')}</b>
        <textarea class="input scheduled-words" name="text" required dir="auto" rows="3" .defaultValue=${text}></textarea></label>
      <label class="field"><b>${t('When')}</b>
        <input class="input" type="datetime-local" name="due" required min=${wallOf(Date.now())} .defaultValue=${wallOf(soon)}></label>
      <div class="panel-do"><button class="btn btn-small">${t('Save')}</button>
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
    const due = instantOf(String(form.get('due')));
    void this.#ask(id, schedule(connect()).change(id, { text: String(form.get('text')), due }));
  }
}

customElements.define('scheduled-messages', ScheduledMessages);

/** @param {string} [chat] */
export const openScheduled = (chat = '') => show('scheduled-messages', { chat });
