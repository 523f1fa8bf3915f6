/**
 * `<chat-composer>`: the text field of a chat. It shows a draft or an edit, and sends. Typed text
 * is never lost: it stays in the draft until the owner has queued it, and refused text stays
 * visible.
 *
 * @module
 */

/** @import { ChatView, MemberView } from '../realtime/contract.js' */
/** @import { Me, Person, Quote } from '../realtime/wire.js' */
/** @import { Autocomplete } from './autocomplete.js' */
/** @import { MessageEdit } from './message-edit.js' */
/** @import { Suggestion } from './suggestions.js' */
/** @import { ComposerFiles } from '../files/composer-files.js' */
/** @import { SendLater } from './send-later.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { isComposing, isInComposition } from '../shell/keys.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { typingText } from './describe.js';
import { DraftState, withoutBlankEdges } from './draft-state.js';
import { chatTitle } from './list.js';

/** Counting characters is slow, so it is done only when about this many are left. */
const COUNTED_FROM = 1000;
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
  /** @type {MemberView[]} */
  #members = [];
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {ChatView | null} */
  #chatView = null;
  #draft = new DraftState((text, reply) => connect().saveDraft(this.chat, text, reply));
  /** @type {MessageEdit | null} the edit in progress; meanwhile the draft waits */
  #edit = null;
  /** Longest text that the server accepts. */
  #limit = 99_999;
  /** @type {Me['slowdown']} */
  #slowdown = null;
  #length = 0;
  #error = '';
  /** Confirms that a message was scheduled. */
  #note = '';
  /** @type {Autocomplete | null} */
  #autocomplete = null;
  /** @type {typeof import('./composer-parts.js') | null} null until it is loaded */
  #parts = null;
  /** @type {typeof import('./composer-typing.js') | null} null until it is loaded */
  #typing = null;
  /** @type {ComposerFiles | null} null until its module is loaded */
  #files = null;
  /** @type {Promise<unknown> | null} */
  #loading = null;
  /** @type {SendLater | null} null until its module is loaded */
  #sendLater = null;

  start() {
    this.draw();
    const client = connect();
    void this.#loadParts();
    this.addCleanup(
      client.watchMe(({ me, limits }) => {
        this.#limit = limits.text_length;
        this.#slowdown = me.slowdown ?? null;
        this.update();
      }),
    );
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
    this.#files?.follow(chatView);
    this.update();
  }

  /** People who can be mentioned. A name may be typed before they are known. @param {MemberView[]} members */
  set members(members) {
    const isNew = members.length !== this.#members.length;
    this.#members = members;
    if (isNew && document.activeElement === this.input) void this.#updateSuggestions();
  }

  get input() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector('textarea'));
  }

  /** Put a text back into the field, before the text that is there. @param {string} text */
  putBack(text) {
    const { input } = this;
    if (!input) return;
    if (this.#edit) this.#stopEditing(); // the text is a message of its own; the edit stays stored
    input.value = [text, input.value].filter(Boolean).join('\n');
    this.#typed();
    input.focus();
  }

  /** Start a reply. @param {Quote} quote */
  async reply(quote) {
    await this.#loadParts();
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
    await this.#loadParts();
    const { input } = this;
    if (!input || (isResumed && (this.#draft.isTouched || this.#edit))) return;
    this.#edit = edit;
    this.#error = '';
    input.value = edit.text;
    this.#measure();
    this.draw();
    if (!isResumed) input.focus();
  }

  /** Load what the first paint does not need. Without it, a message may still be a reply. */
  #loadParts() {
    this.#loading ??= this.#load().catch(() => (this.#loading = null));
    return this.#loading;
  }

  async #load() {
    const [parts, typing, { ComposerFiles }] = await Promise.all([
      import('./composer-parts.js'),
      import('./composer-typing.js'),
      import('../files/composer-files.js'),
    ]);
    this.#parts = parts;
    this.#typing = typing;
    this.#files = new ComposerFiles(this);
    this.#files.follow(this.#chatView);
    if (this.isConnected) this.addCleanup(this.#files.listen());
    this.update();
  }

  get isEditing() {
    return this.#edit !== null;
  }

  /** Tell what happened, or what did not work. @param {{ note?: string, error?: string }} texts */
  tell({ note = '', error = '' }) {
    this.#note = note;
    this.#error = error;
    this.update();
  }

  /** What was told is no longer so. @param {string} error */
  withdraw(error) {
    if (this.#error === error) this.tell({});
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
    if (this.#draft.reply) void this.#loadParts();
    this.update();
    const { input } = this;
    if (!input || this.#edit || input.value === this.#draft.text) return;
    input.value = this.#draft.text;
    this.#measure();
  }

  /** @param {Event} [event] `input` */
  #typed(event) {
    const text = this.input?.value ?? '';
    this.#error = '';
    this.#note = '';
    this.#measure();
    void this.#updateSuggestions();
    if (this.input && !isInComposition) void this.#typing?.completeEmoji(this.input, event);
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
    if (/[@:]\S*$/u.test(word) && this.#typing?.isInsideCode(input)) {
      this.#dismissSuggestions();
      return;
    }
    try {
      const { Autocomplete } = await import('./autocomplete.js');
      this.#autocomplete ??= new Autocomplete(() => this.update());
    } catch {
      return; // offline: no suggestions
    }
    const canMentionAll = this.#chatView?.kind === 'group' && this.#chatView.role !== 'member';
    const scope = { members: this.#members, canMentionAll };
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
  }

  /** Insert a text at the caret. @param {string} text */
  async insert(text) {
    await this.#loadParts();
    const { input } = this;
    if (input) this.#typing?.insertText(input, text);
  }

  #measure() {
    const { input } = this;
    if (!input) return;
    // The server counts code points.
    const { length } = input.value;
    this.#length = length < this.#limit - COUNTED_FROM ? length : [...input.value].length;
    this.#parts?.fitHeight(input);
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
    if (this.input && this.#typing?.markByKey(this.input, event)) {
      event.preventDefault();
      return;
    }
    const action = this.#actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** @param {InputEvent} event */
  #beforeInput(event) {
    if (this.input) this.#typing?.continueLine(this.input, event);
  }

  /** @param {KeyboardEvent} event @returns {(() => void) | null} */
  #actionOf({ key, shiftKey, ctrlKey, metaKey, altKey }) {
    const { reply } = this.#draft;
    if (key === 'Escape' && !shiftKey && (this.#edit || reply)) return () => this.#cancel();
    const hasModifier = shiftKey || ctrlKey || metaKey || altKey;
    if (key === 'ArrowUp' && !hasModifier && !this.input?.value && !reply) return this.editLast;
    if (key !== 'Enter') return null;
    if (shiftKey && (ctrlKey || metaKey)) return () => !this.#edit && this.#menu?.showPopover();
    if (!ctrlKey && !metaKey && this.input && this.#typing?.isWritingCode(this.input)) return null;
    // On-screen keyboards have no practical Shift+Enter, so there Enter starts a new line.
    if (shiftKey || matchMedia('(pointer: coarse) and (hover: none)').matches) return null;
    return () => void this.send();
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
    void this.send();
  }

  /** @param {Event} [event] */
  async send(event) {
    event?.preventDefault();
    const text = this.#textToSend();
    const isTooLong = this.#length > this.#limit;
    if (this.#edit) {
      // Files may stand alone: their text can be removed.
      if (text || (this.#edit.quote.file && !isTooLong)) await this.#saveEdit(text);
      return;
    }
    const files = isTooLong ? [] : (this.#files?.take() ?? this.#chatView?.files.map(({ upload }) => upload) ?? []);
    if (!text && !files.length) return;
    const message = this.#draft.startSending(text, files);
    this.#clearInput();
    await this.#deliver(message);
  }

  /**
   * Hand a message to the owner. If the owner does not take it, put the text back.
   *
   * @param {ReturnType<DraftState['startSending']>} message
   */
  async #deliver(message) {
    const { client_id, text, reply, files } = message;
    try {
      await connect().send(this.chat, text, reply, client_id, files);
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
      this.#files?.putBack(files);
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
    const menu = this.#menu;
    if (newState !== 'open' || !menu) return;
    try {
      this.#sendLater ??= new (await import('./send-later.js')).SendLater({
        menu,
        composer: this,
        written: () => this.#written(),
        replyTo: () => this.#draft.reply?.seq ?? null,
        scheduled: (text) => {
          if (this.#textToSend() === text) {
            this.#draft.clear();
            this.#clearInput();
          }
          this.#draft.save();
        },
      });
      this.draw();
      this.#sendLater.opened();
    } catch {
      menu.hidePopover(); // offline
    }
  }

  get #menu() {
    return /** @type {HTMLElement | null} */ (this.querySelector('.later-menu'));
  }

  /** The text and the files as they would be sent, also those that the owner does not know yet. */
  #written() {
    const files = this.#files?.shown ?? this.#chatView?.files ?? [];
    return { text: this.#textToSend(), files: this.#length > this.#limit ? [] : files };
  }

  draw() {
    const had = this.input;
    super.draw();
    const { input } = this;
    // The field is new, because the chat is writable (again): fill in the draft or the edit.
    if (!had && input) input.value = this.#edit?.text ?? this.#draft.text;
  }

  view() {
    if (this.#chatView && !this.#chatView.writable) return this.#parts?.readOnlyView(this.#chatView) ?? nothing;
    const name = this.#chatView ? chatTitle(this.#chatView) : '';
    const label = name ? t('Write to {name}', { name }) : t('Write');
    const typing = this.#error || this.#note ? '' : typingText(this.#chatView?.typing ?? []);
    return html`<form class="composer" @submit=${this.send}>
      <div class="composer-status"><span class="composer-error" role="alert">${this.#error}</span><span role="status">${this.#note}</span><span class="typing">${typing}</span></div>
      ${this.#edit?.view({ keepMine: () => this.#resolveConflict(true), takeTheirs: () => this.#resolveConflict(false) }) ?? nothing}
      ${this.#parts?.slowdownView(this.#slowdown) ?? nothing}${this.#parts?.heldView(this.#chatView) ?? nothing}${this.#quoteView()}${this.#files?.view() ?? nothing}
      <div class="composer-box">
        ${this.#autocomplete?.view((suggestion) => this.#choose(suggestion)) ?? nothing}
        <textarea class="composer-input" data-region rows="1" dir="auto" autocomplete="off" enterkeyhint="enter"
          placeholder=${label} aria-label=${label} aria-autocomplete="list"
          aria-controls=${this.#autocomplete?.isOpen ? 'suggestions' : nothing}
          aria-activedescendant=${this.#autocomplete?.active ?? nothing}
          aria-keyshortcuts="Control+B Control+I Control+Shift+X" @beforeinput=${this.#beforeInput} @input=${this.#typed} @keydown=${this.#key} @blur=${this.#dismissSuggestions}></textarea>
        ${this.#parts?.counterView(this.#limit - this.#length) ?? nothing}
        <button type="button" class="tool" aria-label=${t('Add files')} title=${this.isEditing ? t('Not while you edit a message.') : t('Add files')} ?disabled=${this.isEditing || !this.#files}
          popovertarget="attach">${icon('paperclip')}</button>${this.#files?.menu() ?? nothing}
        <button type="button" class="tool" aria-label=${t('Emoji')} title=${t('Emoji')}
          @click=${(/** @type {Event} */ event) =>
            this.pickEmoji(/** @type {Element} */ (event.currentTarget), (emoji) => void this.insert(emoji))}>${icon('smiley')}</button>
        <button type="button" class="tool later" aria-label=${t('Send later')} title=${this.isEditing ? t('Not while you edit a message.') : t('Send later')} popovertarget="later"
          aria-keyshortcuts="Control+Shift+Enter" ?disabled=${this.isEditing}>${icon('clock')}${this.#parts?.scheduledBadge(this.#chatView?.scheduled ?? []) ?? nothing}</button>
        ${this.#files?.recordButton(!this.input?.value) ?? html`<button class="send" aria-label=${t('Send')}>${icon('paper-plane-right-fill', { flip: true })}</button>`}
      </div>
      ${this.#parts?.formattingHint() ?? nothing}
    </form>
    <div class="menu anchored later-menu" id="later" popover role="dialog" aria-label=${t('Send later')} @toggle=${this.#menuToggled}>${
      this.#chatView ? (this.#sendLater?.view(this.#chatView, Boolean(this.input?.value.trim())) ?? nothing) : nothing
    }</div>`;
  }

  #quoteView() {
    const quote = this.#edit?.quote ?? this.#draft.reply;
    if (!quote) return nothing;
    const { people, isEditing: editing } = this;
    return this.#parts?.quotedMessageView({ quote, people, editing, cancel: () => this.#cancel() }) ?? nothing;
  }
}

/** @param {HTMLTextAreaElement} input */
const textBeforeCaret = (input) => input.value.slice(0, input.selectionStart);

customElements.define('chat-composer', ChatComposer);
