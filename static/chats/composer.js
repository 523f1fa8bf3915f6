/**
 * `<chat-composer>`: the text field of a chat. It shows a draft or an edit, and sends. Typed text
 * is never lost: it stays in the draft until the owner has queued it, and refused text stays
 * visible.
 *
 * @module
 */

/** @import { ChatView, MemberView } from '../realtime/contract.js' */
/** @import { DraftView } from '../realtime/stored-types.js' */
/** @import { Me, Person, Quote } from '../realtime/wire.js' */
/** @import { ComposerEditing } from './composer-editing.js' */
/** @import { ComposerSuggestions } from './composer-suggestions.js' */
/** @import { ComposerTarget } from './composer-target.js' */
/** @import { MessageEdit } from './message-edit.js' */
/** @import { ComposerFiles } from '../files/composer-files.js' */

import { connect } from '../realtime/client.js';
import { isInComposition } from '../shell/keys.js';
import { View } from '../shell/view.js';
import { t } from '../shell/words.js';
import { keyPressed } from './composer-keys.js';
import { ComposerSending } from './composer-sending.js';
import { toChat } from './composer-target.js';
import { composerView } from './composer-view.js';
import { DraftState } from './draft-state.js';

/** Counting characters is slow, so it is done only when about this many are left. */
const COUNTED_FROM = 1000;

export class ChatComposer extends View {
  /** @type {string} id of the chat; one composer serves one chat */
  chat = '';
  /** @type {ComposerTarget | null} where the text goes; null: to the chat */
  target = null;
  /** @type {() => void} called when a message was queued */
  sent = () => {};
  /** @type {() => void} called when the reader asks to edit their last message */
  editLast = () => {};
  /** @type {(seq: number | null) => void} called with the message that is edited from now on */
  editingChanged = () => {};
  /** @type {(from: Element, chosen: (emoji: string) => void) => void} */
  pickEmoji = () => {};
  /** @type {MemberView[]} */
  #members = [];
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {ChatView | null} */
  #chatView = null;
  draft = new DraftState((text, reply) => this.to.save(text, reply));
  /** @type {ComposerEditing | null} null until it is loaded */
  editing = null;
  /** Longest text that the server accepts. */
  #limit = 99_999;
  /** @type {Me['slowdown']} */
  #slowdown = null;
  #length = 0;
  #error = '';
  /** Confirms that a message was scheduled. */
  #note = '';
  /** @type {ComposerSuggestions | null} null until its module is loaded */
  suggestions = null;
  /** @type {typeof import('./composer-parts.js') | null} null until it is loaded */
  #parts = null;
  /** @type {typeof import('./composer-typing.js') | null} null until it is loaded */
  typing = null;
  /** @type {ComposerFiles | null} null until its module is loaded */
  files = null;
  /** @type {Promise<unknown> | null} */
  #loading = null;
  #sending = new ComposerSending(this);

  start() {
    this.draw();
    const client = connect();
    if (this.to.watch) this.addCleanup(this.to.watch((draft) => this.#followDraft(draft)));
    void this.#loadParts();
    this.addCleanup(
      client.watchMe(({ me, limits }) => {
        this.#limit = limits.text_length;
        this.#slowdown = me.slowdown ?? null;
        this.update();
      }),
    );
    this.to.load().then(
      ({ text, reply }) => {
        const before = this.draft.load(text, reply, this.isEditing);
        this.#draftReplaced();
        if (before) this.putBack(before);
      },
      // Without a store there is no draft, but still a composer.
      () => {},
    );
  }

  get to() {
    return (this.target ??= toChat(this.chat));
  }

  /** @param {ChatView | null} chatView the chat as it is now */
  set chatView(chatView) {
    this.#chatView = chatView;
    if (chatView && this.to.thread === null) this.#followDraft({ text: chatView.draft, reply: chatView.reply });
    this.files?.follow(chatView);
    this.update();
  }

  /** The draft was changed elsewhere. @param {DraftView} draft */
  #followDraft({ text, reply }) {
    const composer = { isEditing: this.isEditing, isFocused: document.activeElement === this.input };
    // Setting the value would cancel the composition of a word.
    if (!isInComposition && this.draft.follow({ draft: text, reply }, composer)) this.#draftReplaced();
  }

  get chatView() {
    return this.#chatView;
  }

  /** People who can be mentioned. A name may be typed before they are known. @param {MemberView[]} members */
  set members(members) {
    const isNew = members.length !== this.#members.length;
    this.#members = members;
    if (isNew && document.activeElement === this.input) this.#suggest();
  }

  get input() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector('textarea'));
  }

  /** Put a text back into the field, before the text that is there. @param {string} text */
  putBack(text) {
    const { input } = this;
    if (!input) return;
    if (this.isEditing) this.editing?.stop(); // the text is a message of its own
    input.value = [text, input.value].filter(Boolean).join('\n');
    this.#typed();
    input.focus();
  }

  /** Start a reply. @param {Quote} quote */
  async reply(quote) {
    await this.#loadParts();
    if (this.isEditing) this.editing?.stop();
    this.draft.setReply(quote);
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
    if (!input || !this.editing || (isResumed && (this.draft.isTouched || this.isEditing))) return;
    this.editing.start(edit);
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
    const [parts, typing, { ComposerSuggestions }, { ComposerEditing }, { ComposerFiles }] = await Promise.all([
      import('./composer-parts.js'),
      import('./composer-typing.js'),
      import('./composer-suggestions.js'),
      import('./composer-editing.js'),
      import('../files/composer-files.js'),
    ]);
    this.#parts = parts;
    this.typing = typing;
    this.suggestions = new ComposerSuggestions(() => this.update());
    this.editing = new ComposerEditing(this);
    this.files = new ComposerFiles(this);
    this.files.follow(this.#chatView);
    if (this.isConnected) this.addCleanup(this.files.listen());
    this.update();
  }

  get #edit() {
    return this.editing?.current ?? null;
  }

  get isTooLong() {
    return this.#length > this.#limit;
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

  /** Cancel the edit or the reply. */
  cancel() {
    if (this.isEditing) this.editing?.cancel();
    else this.draft.setReply(null);
    this.update();
    this.input?.focus();
  }

  #draftReplaced() {
    if (this.draft.reply) void this.#loadParts();
    this.update();
    if (!this.isEditing) this.showDraft();
  }

  /** Fill the field with the draft. */
  showDraft() {
    const { input } = this;
    if (!input || input.value === this.draft.text) return;
    const { text } = this.draft;
    const caret = this.typing?.caretIn(input.value, input.selectionStart, text) ?? text.length;
    input.value = text;
    // Safari would focus a field that nobody is in.
    if (document.activeElement === input) input.setSelectionRange(caret, caret);
    this.#measure();
  }

  /** @param {Event} [event] `input` */
  #typed(event) {
    const text = this.input?.value ?? '';
    this.#error = '';
    this.#note = '';
    this.#measure();
    this.#suggest();
    if (this.input && !isInComposition) this.typing?.completeEmoji(this.input, event);
    if (this.#edit) {
      this.draft.touch();
      this.#edit.setText(text);
    } else if (this.draft.write(text)) {
      void connect().typing(this.chat).catch(() => {});
    }
  }

  #suggest() {
    const { input } = this;
    if (!input) return;
    const canMentionAll = this.#chatView?.kind === 'group' && this.#chatView.role !== 'member';
    const scope = { chat: this.chat, members: this.#members, canMentionAll };
    void this.suggestions?.follow(input, scope, (field) => this.typing?.isInsideCode(field) ?? false);
  }

  /** Insert a text at the caret. @param {string} text */
  async insert(text) {
    await this.#loadParts();
    const { input } = this;
    if (input) this.typing?.insertText(input, text);
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

  /** @param {Event} [event] `submit` */
  send(event) {
    event?.preventDefault();
    return this.#sending.send();
  }

  clearInput() {
    const { input } = this;
    if (!input) return;
    input.value = '';
    this.#note = '';
    this.suggestions?.dismiss();
    this.#measure();
    input.focus();
  }

  draw() {
    const had = this.input;
    super.draw();
    const { input } = this;
    // The field is new, because the chat is writable (again): fill in the draft or the edit.
    if (!had && input) input.value = this.#edit?.text ?? this.draft.text;
  }

  view() {
    return composerView(this, {
      left: this.#limit - this.#length,
      slowdown: this.#slowdown,
      error: this.#error,
      note: this.#note,
      isInCode: this.input !== null && (this.typing?.isWritingCode(this.input) ?? false),
      parts: this.#parts,
      sendLater: this.#sending.later,
      handlers: {
        beforeInput: (event) => this.input && this.typing?.beforeInput(this.input, event),
        typed: (event) => this.#typed(event),
        key: (event) => keyPressed(event, this),
        menuToggled: (event) => void this.#sending.menuToggled(event),
      },
    });
  }
}

customElements.define('chat-composer', ChatComposer);
