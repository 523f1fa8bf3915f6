/**
 * `<chat-composer>`: the text field of a chat. It shows a draft or an edit, and sends. Typed text
 * is never lost: it stays in the draft until the owner has queued it, and refused text stays
 * visible.
 *
 * @module
 */

/** @import { ChatView, MemberView } from '../realtime/contract.js' */
/** @import { Person, Quote } from '../realtime/wire.js' */
/** @import { Autocomplete } from './autocomplete.js' */
/** @import { quotedMessageView } from './composer-parts.js' */
/** @import { MessageEdit } from './message-edit.js' */
/** @import { Suggestion } from './suggestions.js' */
/** @typedef {typeof import('./send-later.js')} SendLater */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { isComposing, isInComposition } from '../shell/keys.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';
import { typingText } from './describe.js';
import { DraftState, withoutBlankEdges } from './draft-state.js';
import { chatTitle } from './list.js';

/** The counter appears when this many characters are left. */
const COUNTER_FROM = 1000;
/** An @ and the longest name. */
const MAX_WORD_LENGTH = 33;

export class ChatComposer extends View {
  /** @type {string} id of the chat; one composer serves one chat */
  chat = '';
  /** @type {() => void} called when a message was queued */
  sent = () => {};
  /** @type {() => void} called when the reader asks to edit their last message */
  editLast = () => {};
  /** @type {(from: Element, chosen: (emoji: string) => void) => void} */
  pickEmoji = () => {};
  /** @type {MemberView[]} people who can be mentioned */
  members = [];
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {ChatView | null} */
  #chatView = null;
  #draft = new DraftState((text, reply) => connect().saveDraft(this.chat, text, reply));
  /** @type {MessageEdit | null} the edit in progress; meanwhile the draft waits */
  #edit = null;
  /** Longest text that the server accepts. */
  #limit = 99_999;
  #length = 0;
  #error = '';
  /** Confirms that a message was scheduled. */
  #note = '';
  /** @type {Autocomplete | null} */
  #autocomplete = null;
  /** @type {typeof quotedMessageView | null} null until its module is loaded */
  #quotedMessageView = null;
  /** @type {SendLater | null} null until its module is loaded */
  #sendLater = null;

  start() {
    this.draw();
    const client = connect();
    this.addCleanup(client.watchMe(({ limits }) => (this.#limit = limits.text_length)));
    client.draft(this.chat).then(
      ({ text, reply }) => {
        const before = this.#draft.load(text, reply, Boolean(this.#edit));
        this.#showDraft();
        if (before) this.putBack(before);
      },
      // Without a store there is no draft, but still a composer.
      () => {},
    );
  }

  /** @param {ChatView | null} chatView the chat as it is now */
  set chatView(chatView) {
    this.#chatView = chatView;
    const isFocused = document.activeElement === this.input;
    const composer = { isEditing: Boolean(this.#edit), isFocused };
    // Setting the value would cancel the composition of a word.
    if (chatView && !isInComposition && this.#draft.follow(chatView, composer)) this.#showDraft();
    this.update();
  }

  get input() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector('textarea'));
  }

  /** Put a text back into the field, before the text that is there. @param {string} text */
  putBack(text) {
    const { input } = this;
    if (!input) return;
    if (this.#edit) this.#stopEditing(); // the text is a message of its own; the edit stays stored
    input.value = input.value ? `${text}\n${input.value}` : text;
    this.#typed();
    input.focus();
  }

  /** Start a reply. @param {Quote} quote */
  async reply(quote) {
    await this.#loadQuotedMessageView();
    if (this.#edit) this.#stopEditing(); // the edit stays stored
    this.#draft.setReply(quote);
    this.draw();
    this.input?.focus();
  }

  /**
   * Edit an own message.
   *
   * @param {MessageEdit} edit
   * @param {boolean} [isResumed] a stored edit: it must not replace what the reader is doing now
   */
  async edit(edit, isResumed = false) {
    await this.#loadQuotedMessageView();
    const { input } = this;
    if (!input || (isResumed && (this.#draft.isTouched || this.#edit))) return;
    this.#edit = edit;
    this.#error = '';
    input.value = edit.text;
    this.#measure();
    this.draw();
    if (!isResumed) input.focus();
  }

  async #loadQuotedMessageView() {
    if (this.#quotedMessageView) return;
    try {
      this.#quotedMessageView = (await import('./composer-parts.js')).quotedMessageView;
      this.update();
    } catch {
      // Not shown, but the message will still be a reply.
    }
  }

  #stopEditing() {
    this.#edit = null;
    this.#error = '';
    if (this.input) this.input.value = this.#draft.text;
    this.#measure();
  }

  /** Cancel the edit or the reply. */
  #cancel() {
    if (this.#edit) {
      this.#edit.discard();
      this.#stopEditing();
    } else {
      this.#draft.setReply(null);
    }
    this.update();
    this.input?.focus();
  }

  #showDraft() {
    if (this.#draft.reply) void this.#loadQuotedMessageView();
    this.update();
    const { input } = this;
    if (!input || this.#edit || input.value === this.#draft.text) return;
    input.value = this.#draft.text;
    this.#measure();
  }

  #typed() {
    const text = this.input?.value ?? '';
    this.#error = '';
    this.#note = '';
    this.#measure();
    void this.#updateSuggestions();
    if (this.#edit) {
      this.#draft.touch();
      this.#edit.setText(text);
    } else if (this.#draft.write(text)) {
      void connect().typing(this.chat).catch(() => {});
    }
  }

  async #updateSuggestions() {
    const { input } = this;
    if (!input) return;
    const word = textBeforeCaret(input).slice(-MAX_WORD_LENGTH);
    if (!this.#autocomplete && !/[@:]\S{0,32}$/u.test(word)) return;
    try {
      const { Autocomplete } = await import('./autocomplete.js');
      this.#autocomplete ??= new Autocomplete(() => this.update());
    } catch {
      return; // offline: no suggestions
    }
    const canMentionAll = this.#chatView?.kind === 'group' && this.#chatView.role !== 'member';
    const scope = { members: this.members, canMentionAll };
    await this.#autocomplete.update(textBeforeCaret(input), scope);
  }

  #dismissSuggestions() {
    this.#autocomplete?.dismiss();
  }

  /** @param {Suggestion} suggestion */
  #choose(suggestion) {
    const { input } = this;
    if (!input) return;
    this.#autocomplete?.insert(input, suggestion);
    this.#typed();
    input.focus();
  }

  /** Insert a text at the caret. @param {string} text */
  insert(text) {
    const { input } = this;
    if (!input) return;
    input.setRangeText(text, input.selectionStart, input.selectionEnd, 'end');
    this.#typed();
    input.focus();
  }

  #measure() {
    const { input } = this;
    if (!input) return;
    // The server counts code points. Counting them is slow, so do it only near the limit.
    const { length } = input.value;
    this.#length = length < this.#limit - COUNTER_FROM ? length : [...input.value].length;
    if (!CSS.supports('field-sizing', 'content')) fitHeight(input);
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event)) return;
    const handled = this.#autocomplete?.key(event);
    if (handled) {
      event.preventDefault();
      if (handled !== true) this.#choose(handled);
      return;
    }
    const action = this.#actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** @param {KeyboardEvent} event @returns {(() => void) | null} */
  #actionOf({ key, shiftKey, ctrlKey, metaKey }) {
    const { reply } = this.#draft;
    if (key === 'Escape' && (this.#edit || reply)) return () => this.#cancel();
    if (key === 'ArrowUp' && !this.input?.value && !reply) return this.editLast;
    if (key !== 'Enter') return null;
    if (shiftKey && (ctrlKey || metaKey)) return () => !this.#edit && this.#menu?.showPopover();
    // On-screen keyboards have no practical Shift+Enter, so there Enter starts a new line.
    if (shiftKey || matchMedia('(pointer: coarse) and (hover: none)').matches) return null;
    return () => void this.#send();
  }

  /** @param {string} text */
  async #saveEdit(text) {
    const edit = this.#edit;
    if (!edit) return;
    try {
      if (edit.theirs) {
        /** @type {HTMLElement | null} */ (this.querySelector('.composer-conflict .btn'))?.focus();
      } else if ((await edit.save(text)) && this.#edit === edit) this.#stopEditing();
    } catch (error) {
      await this.#showError(error);
    }
    this.update();
  }

  /**
   * Resolve an edit conflict.
   *
   * @param {boolean} mine whether the reader's text replaces the other
   */
  #resolveConflict(mine) {
    if (!mine) {
      this.#cancel();
      return;
    }
    this.#edit?.keepMine();
    this.input?.focus();
    void this.#send();
  }

  /** @param {Event} [event] */
  async #send(event) {
    event?.preventDefault();
    const text = this.#textToSend();
    if (!text) return;
    if (this.#edit) {
      await this.#saveEdit(text);
      return;
    }
    const message = this.#draft.startSending(text);
    this.#clearInput();
    await this.#deliver(message);
  }

  /**
   * Hand a message to the owner. If the owner does not take it, put the text back.
   *
   * @param {ReturnType<DraftState['startSending']>} message
   */
  async #deliver(message) {
    const { client_id, text, reply } = message;
    try {
      await connect().send(this.chat, text, reply, client_id);
      this.#draft.sendEnded();
      this.#error = '';
      this.sent();
    } catch {
      const key = CSS.escape(`${connect().person}/${client_id}`);
      if (document.querySelector(`[data-key="${key}"]`)) {
        // The message has a row, so the owner has it, although its answer was lost.
        this.#draft.sendEnded();
        return;
      }
      this.#draft.sendEnded(message);
      this.putBack(text);
      this.#error = t('This message could not be queued. Your text is still here; try again.');
    }
    this.update();
  }

  /** The text without blank edges; empty when it cannot be sent. */
  #textToSend() {
    const text = withoutBlankEdges(this.input?.value ?? '');
    if (!text || this.#length <= this.#limit) return text;
    this.#error = t('This is too long to send. Nothing is lost: shorten it, or send it in parts.');
    this.update();
    return '';
  }

  #clearInput() {
    const { input } = this;
    if (!input) return;
    input.value = '';
    this.#note = '';
    this.#dismissSuggestions();
    this.#measure();
    input.focus();
  }

  /** @param {unknown} error */
  async #showError(error) {
    const { errorText } = await import('./error-text.js');
    this.#error = errorText(error);
  }

  /** @param {ToggleEvent} event */
  async #menuToggled({ newState }) {
    const [menu, from] = [this.#menu, this.querySelector('.later')];
    if (newState !== 'open' || !menu || !from) return;
    try {
      this.#sendLater ??= await import('./send-later.js');
      this.draw();
      this.#sendLater.placeMenu(menu, from);
    } catch {
      menu.hidePopover(); // offline
    }
  }

  get #menu() {
    return /** @type {HTMLElement | null} */ (this.querySelector('.later-menu'));
  }

  /** Schedule the message. The text stays until the server has it. @param {Date} due */
  async #schedule(due) {
    this.#menu?.hidePopover();
    const text = this.#textToSend();
    if (!text || !this.#sendLater) return;
    try {
      const replyTo = this.#draft.reply?.seq ?? null;
      const note = await this.#sendLater.scheduleMessage(this.chat, { text, due, replyTo });
      if (this.#textToSend() === text) {
        this.#draft.clear();
        this.#clearInput();
      }
      this.#draft.save();
      this.#note = note;
    } catch (error) {
      await this.#showError(error);
    }
    this.update();
  }

  draw() {
    const had = this.input;
    super.draw();
    const { input } = this;
    // The field is new, because the chat is writable (again): fill in the draft or the edit.
    if (!had && input) input.value = this.#edit?.text ?? this.#draft.text;
  }

  view() {
    if (this.#chatView && !this.#chatView.writable) return this.#readOnlyView();
    const name = this.#chatView ? chatTitle(this.#chatView) : '';
    const label = name ? t('Write to {name}', { name }) : t('Write');
    const typing = this.#error || this.#note ? '' : typingText(this.#chatView?.typing ?? []);
    return html`<form class="composer" @submit=${this.#send}>
      <div class="composer-status"><span class="composer-error" role="alert">${this.#error}</span><span role="status">${this.#note}</span><span class="typing">${typing}</span></div>
      ${this.#edit?.view({ keepMine: () => this.#resolveConflict(true), takeTheirs: () => this.#resolveConflict(false) }) ?? nothing}
      ${this.#quoteView()}
      <div class="composer-box">
        ${this.#autocomplete?.view((suggestion) => this.#choose(suggestion)) ?? nothing}
        <textarea class="composer-input" data-region rows="1" dir="auto" autocomplete="off" enterkeyhint="enter"
          placeholder=${label} aria-label=${label} aria-autocomplete="list"
          aria-controls=${this.#autocomplete?.active ? 'suggestions' : nothing}
          aria-activedescendant=${this.#autocomplete?.active ?? nothing}
          @input=${this.#typed} @keydown=${this.#key} @blur=${this.#dismissSuggestions}></textarea>
        ${this.#counterView()}
        <button type="button" class="tool" aria-label=${t('Emoji')} title=${t('Emoji')}
          @click=${(/** @type {Event} */ event) =>
            this.pickEmoji(/** @type {Element} */ (event.currentTarget), (emoji) => this.insert(emoji))}>${icon('smiley')}</button>
        <button type="button" class="tool later" aria-label=${t('Send later')} title=${t('Send later')} popovertarget="later"
          aria-keyshortcuts="Control+Shift+Enter" ?disabled=${this.#edit !== null}>${icon('clock')}${this.#scheduledBadge()}</button>
        <button class="send" aria-label=${t('Send')}>${icon('paper-plane-right-fill', { flip: true })}</button>
      </div>
    </form>
    <div class="menu anchored later-menu" id="later" popover role="dialog" aria-label=${t('Send later')} @toggle=${this.#menuToggled}>${
      this.#chatView ? (this.#sendLater?.sendLaterView(this.#chatView, {
        ready: Boolean(this.input?.value.trim()),
        choose: (due) => this.#schedule(due),
      }) ?? nothing) : nothing
    }</div>`;
  }

  /** How many messages are scheduled in this chat. */
  #scheduledBadge() {
    const all = this.#chatView?.scheduled ?? [];
    if (!all.length) return nothing;
    const failed = all.some((one) => one.failed !== null);
    return html`<span class="badge ${failed ? 'badge-alert' : ''}"><span aria-hidden="true">${count(all.length)}</span><span
      class="visually-hidden">${failed ? t('some could not be sent') : tn('{n} waits', '{n} wait', all.length)}</span></span>`;
  }

  #quoteView() {
    const quote = this.#edit?.quote ?? this.#draft.reply;
    if (!quote || !this.#quotedMessageView) return nothing;
    const { people } = this;
    return this.#quotedMessageView({ quote, people, editing: Boolean(this.#edit), cancel: () => this.#cancel() });
  }

  #counterView() {
    const left = this.#limit - this.#length;
    if (left >= COUNTER_FROM) return nothing;
    if (left >= 0) return html`<span class="composer-left">${tn('{n} left', '{n} left', left)}</span>`;
    return html`<span class="composer-left composer-over">${t('{n} too many', { n: count(-left) })}</span>`;
  }

  #readOnlyView() {
    return html`<div class="composer"><p class="composer-closed">${t('You are not in touch any more. What was said stays.')}
      <a href="/people">${t('People')}</a>${
        this.#chatView?.scheduled.length
          ? html` <button class="link" @click=${() =>
              import('./scheduled-messages.js').then(({ openScheduled }) => openScheduled(this.chat), () => {})}>${t('What was to be sent later')}</button>`
          : nothing
      }</p></div>`;
  }
}

/** @param {HTMLTextAreaElement} input */
const textBeforeCaret = (input) => input.value.slice(0, input.selectionStart);

/**
 * Fit the height to the text, for browsers without `field-sizing`.
 *
 * @param {HTMLTextAreaElement} input
 */
function fitHeight(input) {
  input.style.blockSize = 'auto';
  input.style.blockSize = `${input.scrollHeight}px`;
}

customElements.define('chat-composer', ChatComposer);
