/**
 * `<chat-composer>`: where one writes. What was typed is never lost: it is a draft until it is
 * queued, and what is refused stays where it is.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';
import { titleOf } from './list.js';
import { isDense } from './markup.js';

/** The counter appears when so few characters are left. */
const SOON = 1000;

export class ChatComposer extends View {
  /** @type {string} id of the chat; one composer serves one chat */
  chat = '';
  /** @type {() => void} called when a message was queued */
  sent = () => {};
  /** @type {ChatView | null} */
  #about = null;
  /** The longest text that is taken. */
  #limit = 99_999;
  #length = 0;
  #wrong = '';
  /** What this composer last wrote or took as draft: anything else comes from another tab. */
  #draft = '';
  /** Whether anything was written here: until then a draft that comes late is welcome. */
  #used = false;
  /** While a message is handed over, what is known of the draft is a moment old. */
  #handing = 0;

  start() {
    this.draw();
    const client = connect();
    this.until(client.watchMe(({ limits }) => (this.#limit = limits.text_length)));
    client.draft(this.chat).then(
      (draft) => this.#take(draft),
      // Without the store there is no draft, but there is still a composer.
      () => {},
    );
  }

  /** @param {ChatView | null} about the chat as it is now */
  set about(about) {
    this.#about = about;
    const busy = this.#handing || (this.#used && document.activeElement === this.input);
    if (about && about.draft !== this.#draft && !busy) {
      this.#take(about.draft);
    }
    this.update();
  }

  get input() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector('textarea'));
  }

  /** Put words back to be written on, before what is there. @param {string} text */
  putBack(text) {
    const { input } = this;
    if (!input) return;
    input.value = input.value ? `${text}\n${input.value}` : text;
    this.#typed();
    input.focus();
  }

  /** @param {string} draft */
  #take(draft) {
    const { input } = this;
    this.#draft = draft;
    if (!input || input.value === draft) return;
    input.value = draft;
    this.#measure();
  }

  #typed() {
    this.#wrong = '';
    this.#used = true;
    this.#measure();
    this.#draft = this.input?.value ?? '';
    void connect().saveDraft(this.chat, this.#draft).catch(() => {});
  }

  #measure() {
    const { input } = this;
    if (!input) return;
    // Counted as the server counts: characters, not halves of them.
    const { length } = input.value;
    this.#length = length < this.#limit - SOON ? length : [...input.value].length;
    input.classList.toggle('text-dense', isDense(input.value));
    if (!CSS.supports('field-sizing', 'content')) fit(input);
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    // A keyboard on glass has no Shift+Enter to speak of: there Enter is a new line.
    if (matchMedia('(pointer: coarse) and (hover: none)').matches) return;
    event.preventDefault();
    void this.#send();
  }

  /** @param {Event} [event] */
  async #send(event) {
    event?.preventDefault();
    const { input } = this;
    if (!input) return;
    const text = input.value.replace(/^\s*\n|\s+$/gu, '');
    if (!text) return;
    if (this.#length > this.#limit) {
      this.#wrong = t('This is too long to send. Nothing is lost: shorten it, or send it in parts.');
      this.update();
      return;
    }
    input.value = '';
    this.#draft = '';
    this.#measure();
    input.focus();
    this.#handing++;
    try {
      await connect().send(this.chat, text);
      this.#wrong = '';
      this.sent();
    } catch {
      this.putBack(text);
      this.#wrong = t('This could not be kept for sending. Your words are still here; try again.');
    } finally {
      this.#handing--;
    }
    this.update();
  }

  draw() {
    const had = this.input;
    super.draw();
    const { input } = this;
    // Writable (again): the words that were being written are still the draft.
    if (!had && input) input.value = this.#draft;
  }

  view() {
    if (this.#about && !this.#about.writable) return this.#closed();
    const name = this.#about ? titleOf(this.#about) : '';
    const label = name ? t('Write to {name}', { name }) : t('Write');
    return html`<form class="comp" @submit=${this.#send}>
      <div class="comp-above"><span class="comp-wrong" role="alert">${this.#wrong}</span></div>
      <div class="box">
        <textarea class="box-words" data-region rows="1" dir="auto" autocomplete="off" enterkeyhint="enter"
          placeholder=${label} aria-label=${label}
          @input=${this.#typed} @keydown=${this.#key}></textarea>
        ${this.#left()}
        <button class="send" aria-label=${t('Send')}>${icon('paper-plane-right-fill', { flip: true })}</button>
      </div>
    </form>`;
  }

  #left() {
    const left = this.#limit - this.#length;
    if (left >= SOON) return nothing;
    if (left >= 0) return html`<span class="box-left">${tn('{n} left', '{n} left', left)}</span>`;
    return html`<span class="box-left box-over">${t('{n} too many', { n: count(-left) })}</span>`;
  }

  #closed() {
    return html`<div class="comp"><p class="comp-closed">${t('You are not in touch any more. What was said stays.')}
      <a href="/people">${t('People')}</a></p></div>`;
  }
}

/** As high as its words, where the style sheet cannot say so. @param {HTMLTextAreaElement} input */
function fit(input) {
  input.style.blockSize = 'auto';
  input.style.blockSize = `${input.scrollHeight}px`;
}

customElements.define('chat-composer', ChatComposer);
