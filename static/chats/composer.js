/**
 * `<chat-composer>`: where one writes. What was typed is never lost: it is a draft until it is
 * queued, and what is refused stays where it is.
 *
 * @module
 */

/** @import { ChatView, MemberView, Row } from '../realtime/contract.js' */
/** @import { Person, Quote } from '../realtime/wire.js' */
/** @import { Choice, Completion } from './completion.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';
import { aboveView, choicesView } from './composer-parts.js';
import { titleOf } from './list.js';
import { isDense } from './markup.js';
import { problem } from './problem.js';
import { typingWords } from './writing.js';

/** The counter appears when so few characters are left. */
const SOON = 1000;

export class ChatComposer extends View {
  /** @type {string} id of the chat; one composer serves one chat */
  chat = '';
  /** @type {() => void} called when a message was queued */
  sent = () => {};
  /** @type {() => void} called when the last own message is to be edited */
  editLast = () => {};
  /** @type {(from: Element, chosen: (emoji: string) => void) => void} */
  pickEmoji = () => {};
  /** @type {MemberView[]} who can be meant by an @name */
  members = [];
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {ChatView | null} */
  #about = null;
  /** The longest text that is taken. */
  #limit = 99_999;
  #length = 0;
  #wrong = '';
  /** What this composer last wrote or took as draft: anything else comes from another tab. */
  #draft = '';
  /** @type {Quote | null} what is answered */
  #reply = null;
  /** @type {{ seq: number, quote: Quote } | null} the message that is being changed */
  #editing = null;
  /** @type {Completion | null} */
  #completion = null;
  #chosen = 0;
  #completing = 0;
  /** Whether anything was written here: until then a draft that comes late is welcome. */
  #used = false;
  /** While a message is handed over, what is known of the draft is a moment old. */
  #handing = 0;

  start() {
    this.draw();
    const client = connect();
    this.until(client.watchMe(({ limits }) => (this.#limit = limits.text_length)));
    client.draft(this.chat).then(
      ({ text, reply }) => this.#take(text, reply),
      // Without the store there is no draft, but there is still a composer.
      () => {},
    );
  }

  /** @param {ChatView | null} about the chat as it is now */
  set about(about) {
    this.#about = about;
    const busy = this.#handing || this.#editing || (this.#used && document.activeElement === this.input);
    const other = about && (about.draft !== this.#draft || about.reply?.seq !== this.#reply?.seq);
    if (about && other && !busy) {
      this.#take(about.draft, about.reply);
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

  /** Answer a message. @param {Quote} quote */
  reply(quote) {
    if (this.#editing) this.#stopEditing();
    this.#reply = quote;
    this.#keep();
    this.draw();
    this.input?.focus();
  }

  /** Change an own message; the draft waits. @param {Row} row @param {Quote} quote */
  edit({ seq, text }, quote) {
    const { input } = this;
    if (!input || seq === null) return;
    this.#editing = { seq, quote };
    this.#wrong = '';
    input.value = text;
    this.#measure();
    this.draw();
    input.focus();
  }

  #stopEditing() {
    this.#editing = null;
    this.#wrong = '';
    if (this.input) this.input.value = this.#draft;
    this.#measure();
  }

  /** Away with what stands above the words. */
  #cancel() {
    if (this.#editing) this.#stopEditing();
    else {
      this.#reply = null;
      this.#keep();
    }
    this.update();
    this.input?.focus();
  }

  #keep() {
    void connect().saveDraft(this.chat, this.#draft, this.#reply).catch(() => {});
  }

  /** @param {string} draft @param {Quote | null} reply */
  #take(draft, reply) {
    const { input } = this;
    this.#draft = draft;
    this.#reply = reply;
    this.update();
    if (!input || input.value === draft) return;
    input.value = draft;
    this.#measure();
  }

  #typed() {
    this.#wrong = '';
    this.#used = true;
    this.#measure();
    void this.#complete();
    if (this.#editing) return;
    const before = this.#draft.length;
    this.#draft = this.input?.value ?? '';
    if (this.#draft.length > before) void connect().typing(this.chat).catch(() => {});
    this.#keep();
  }

  async #complete() {
    const asked = ++this.#completing;
    const before = this.input?.value.slice(0, this.input.selectionStart) ?? '';
    let found = null;
    if (/[@:][^\s]{0,32}$/u.test(before)) {
      try {
        const { complete } = await import('./completion.js');
        const all = this.#about?.kind === 'group' && this.#about.role !== 'member';
        found = await complete(before, { members: this.members, all });
      } catch {
        // Not fetched: the word stays as it was typed.
      }
    }
    if (asked !== this.#completing) return;
    this.#completion = found;
    this.#chosen = 0;
    this.update();
  }

  #dismiss() {
    this.#completing += 1;
    this.#completion = null;
    this.update();
  }

  /** @param {Choice} choice */
  #choose(choice) {
    const { input } = this;
    if (!input || !this.#completion) return;
    input.setRangeText(choice.insert, this.#completion.from, input.selectionStart, 'end');
    this.#dismiss();
    this.#typed();
    input.focus();
  }

  /** Put words in at the caret. @param {string} words */
  insert(words) {
    const { input } = this;
    if (!input) return;
    input.setRangeText(words, input.selectionStart, input.selectionEnd, 'end');
    this.#typed();
    input.focus();
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
    if (event.isComposing) return;
    if (this.#completion && this.#completionKey(event, this.#completion)) {
      event.preventDefault();
      return;
    }
    if (event.key === 'Escape' && (this.#editing || this.#reply)) {
      event.preventDefault();
      this.#cancel();
      return;
    }
    if (event.key === 'ArrowUp' && !this.input?.value && !this.#reply) {
      event.preventDefault();
      this.editLast();
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    // A keyboard on glass has no Shift+Enter to speak of: there Enter is a new line.
    if (matchMedia('(pointer: coarse) and (hover: none)').matches) return;
    event.preventDefault();
    void this.#send();
  }

  /** @param {KeyboardEvent} event @param {Completion} completion @returns {boolean} whether it was meant */
  #completionKey(event, { choices }) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      this.#chosen = (this.#chosen + by + choices.length) % choices.length;
      this.update();
    } else if (event.key === 'Escape') this.#dismiss();
    else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) {
      this.#choose(choices[this.#chosen]);
    } else return false;
    return true;
  }

  /** @param {string} text */
  async #change(text) {
    const editing = this.#editing;
    if (!editing) return;
    try {
      await connect().edit(this.chat, editing.seq, text);
      if (this.#editing === editing) this.#stopEditing();
    } catch (error) {
      this.#wrong = problem(error);
    }
    this.update();
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
    if (this.#editing) {
      await this.#change(text);
      return;
    }
    const reply = this.#reply;
    input.value = '';
    this.#draft = '';
    this.#reply = null;
    this.#dismiss();
    this.#measure();
    input.focus();
    this.#handing++;
    try {
      await connect().send(this.chat, text, reply);
      this.#wrong = '';
      this.sent();
    } catch {
      this.#reply = reply;
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
    const typing = this.#wrong ? '' : typingWords(this.#about?.typing ?? []);
    return html`<form class="comp" @submit=${this.#send}>
      <div class="comp-above"><span class="comp-wrong" role="alert">${this.#wrong}</span><span class="typing">${typing}</span></div>
      ${this.#above()}
      <div class="box">
        ${this.#choices()}
        <textarea class="box-words" data-region rows="1" dir="auto" autocomplete="off" enterkeyhint="enter"
          placeholder=${label} aria-label=${label} aria-autocomplete="list"
          aria-controls=${this.#completion ? 'completion' : nothing}
          aria-activedescendant=${this.#completion ? `completion-${this.#chosen}` : nothing}
          @input=${this.#typed} @keydown=${this.#key} @blur=${this.#dismiss}></textarea>
        ${this.#left()}
        <button type="button" class="tool" aria-label=${t('Emoji')} title=${t('Emoji')}
          @click=${(/** @type {Event} */ event) =>
            this.pickEmoji(/** @type {Element} */ (event.currentTarget), (emoji) => this.insert(emoji))}>${icon('smiley')}</button>
        <button class="send" aria-label=${t('Send')}>${icon('paper-plane-right-fill', { flip: true })}</button>
      </div>
    </form>`;
  }

  #above() {
    const quote = this.#editing?.quote ?? this.#reply;
    if (!quote) return nothing;
    const { people } = this;
    return aboveView({ quote, people, editing: Boolean(this.#editing), cancel: () => this.#cancel() });
  }

  #choices() {
    if (!this.#completion) return nothing;
    const { choices } = this.#completion;
    return choicesView(choices, this.#chosen, (choice) => this.#choose(choice));
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
