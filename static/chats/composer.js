/**
 * `<chat-composer>`: where one writes. What was typed is never lost: it is a draft until it is
 * queued, and what is refused stays where it is.
 *
 * @module
 */

/** @import { ChatView, MemberView } from '../realtime/contract.js' */
/** @import { Person, Quote } from '../realtime/wire.js' */
/** @import { Autocomplete } from './autocomplete.js' */
/** @import { MessageEdit } from './message-edit.js' */
/** @import { Suggestion } from './suggestions.js' */
/** @import { quotedMessageView } from './composer-parts.js' */
/** @typedef {typeof import('./send-later.js')} SendLater */

import { connect } from '../realtime/client.js';
import { uuid } from '../realtime/ids.js';
import { icon } from '../shell/icon.js';
import { isComposing, isInComposition } from '../shell/keys.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';
import { chatTitle } from './list.js';
import { typingText } from './describe.js';

/** The counter appears when so few characters are left. */
const COUNTER_FROM = 1000;
/** A name after an @, at most. */
const MAX_WORD_LENGTH = 33;

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
  #chatView = null;
  /** The longest text that is taken. */
  #limit = 99_999;
  #length = 0;
  #error = '';
  /** What this composer last wrote or took as draft: anything else comes from another tab. */
  #draft = '';
  /** The draft that the owner has answered for. */
  #kept = '';
  /** The draft that was taken away here, because it was sent elsewhere. */
  #removed = '';
  /** A message of which it is not known whether the owner has it: sent again, it is the same one.
   * @type {{ client_id: string, text: string, reply: Quote | null } | null} */
  #unanswered = null;
  /** @type {Quote | null} what is answered */
  #reply = null;
  /** @type {MessageEdit | null} the message that is being changed */
  #editing = null;
  /** @type {Autocomplete | null} */
  #autocomplete = null;
  /**
   * Draws what is answered or changed; null until it has been fetched.
   *
   * @type {typeof quotedMessageView | null}
   */
  #quotedMessageView = null;
  /** Whether anything was written here: until then a draft that comes late is welcome. */
  #used = false;
  /** Whether the draft is known. */
  #taken = false;
  /** While a message is handed over, what is known of the draft is a moment old. */
  #handing = 0;
  /** The menu of what is sent later. @type {SendLater | null} */
  #sendLater = null;
  /** What has become of that. */
  #note = '';

  start() {
    this.draw();
    const client = connect();
    this.addCleanup(client.watchMe(({ limits }) => (this.#limit = limits.text_length)));
    client.draft(this.chat).then(
      ({ text, reply }) => this.#late(text, reply),
      // Without the store there is no draft, but there is still a composer.
      () => {},
    );
  }

  /** @param {ChatView | null} chatView the chat as it is now */
  set chatView(chatView) {
    this.#chatView = chatView;
    const other = chatView && (chatView.draft !== this.#draft || chatView.reply?.seq !== this.#reply?.seq);
    if (chatView && other && !this.#handing && this.#yields(chatView)) this.#take(chatView.draft, chatView.reply);
    this.update();
  }

  /** Whether the draft of the owner replaces the one here. @param {ChatView} chatView */
  #yields({ draft, reply }) {
    if (isInComposition) return false;
    const unchanged = this.#draft === this.#kept;
    // It was sent or removed elsewhere, and nobody has written on here since.
    if (unchanged && this.#draft && !draft && !reply) {
      this.#removed = this.#draft;
      return true;
    }
    if (this.#editing) return false;
    if (!this.#used || document.activeElement !== this.input) return true;
    // News of an older draft came late, and took away this one.
    return unchanged && !this.#draft && draft === this.#removed;
  }

  get input() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector('textarea'));
  }

  /** Put words back to be written on, before what is there. @param {string} text */
  putBack(text) {
    const { input } = this;
    if (!input) return;
    if (this.#editing) this.#stopEditing(); // they are a message of their own; the edit stays kept
    input.value = input.value ? `${text}\n${input.value}` : text;
    this.#typed();
    input.focus();
  }

  /** Answer a message. @param {Quote} quote */
  async reply(quote) {
    await this.#loadQuotedMessageView();
    if (this.#editing) this.#stopEditing(); // what is written of it stays kept
    this.#reply = quote;
    this.#keep();
    this.draw();
    this.input?.focus();
  }

  /**
   * Change an own message; the draft waits.
   *
   * @param {MessageEdit} edit
   * @param {boolean} [resumed] it was left before; what has been written since comes first
   */
  async edit(edit, resumed = false) {
    await this.#loadQuotedMessageView();
    const { input } = this;
    if (!input || (resumed && (this.#used || this.#editing))) return;
    this.#editing = edit;
    this.#error = '';
    input.value = edit.text;
    this.#measure();
    this.draw();
    if (!resumed) input.focus();
  }

  async #loadQuotedMessageView() {
    if (this.#quotedMessageView) return;
    try {
      this.#quotedMessageView = (await import('./composer-parts.js')).quotedMessageView;
      this.update();
    } catch {
      // Not fetched: it is answered all the same.
    }
  }

  #stopEditing() {
    this.#editing = null;
    this.#error = '';
    if (this.input) this.input.value = this.#draft;
    this.#measure();
  }

  /** Away with what stands above the words. */
  #cancel() {
    if (this.#editing) {
      this.#editing.forget();
      this.#stopEditing();
    } else {
      this.#reply = null;
      this.#keep();
    }
    this.update();
    this.input?.focus();
  }

  #keep() {
    const words = this.#draft;
    connect().saveDraft(this.chat, words, this.#reply).then(
      () => (this.#kept = words),
      () => {},
    );
  }

  /**
   * The draft comes from the store. Who was quicker keeps what they wrote meanwhile, below it.
   *
   * @param {string} draft
   * @param {Quote | null} reply
   */
  #late(draft, reply) {
    if (this.#taken) return;
    if (!this.#used || this.#editing) {
      this.#take(draft, reply);
      return;
    }
    this.#taken = true;
    this.#reply ??= reply;
    if (this.#reply) void this.#loadQuotedMessageView();
    if (draft) this.putBack(draft);
  }

  /** @param {string} draft @param {Quote | null} reply */
  #take(draft, reply) {
    const { input } = this;
    this.#taken = true;
    if (reply) void this.#loadQuotedMessageView();
    this.#draft = draft;
    this.#kept = draft;
    this.#reply = reply;
    this.update();
    if (!input || this.#editing || input.value === draft) return;
    input.value = draft;
    this.#measure();
  }

  #typed() {
    this.#error = '';
    this.#note = '';
    this.#used = true;
    this.#measure();
    void this.#complete();
    if (this.#editing) {
      this.#editing.write(this.input?.value ?? '');
      return;
    }
    const before = this.#draft.length;
    this.#draft = this.input?.value ?? '';
    if (this.#draft.length > before) void connect().typing(this.chat).catch(() => {});
    this.#keep();
  }

  async #complete() {
    const { input } = this;
    if (!input || (!this.#autocomplete && !/[@:]\S{0,32}$/u.test(before(input).slice(-MAX_WORD_LENGTH)))) return;
    try {
      const { Autocomplete } = await import('./autocomplete.js');
      this.#autocomplete ??= new Autocomplete(() => this.update());
    } catch {
      return; // the word stays as it was typed
    }
    const canMentionAll = this.#chatView?.kind === 'group' && this.#chatView.role !== 'member';
    await this.#autocomplete.update(before(input), { members: this.members, canMentionAll });
  }

  #dismiss() {
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
    this.#length = length < this.#limit - COUNTER_FROM ? length : [...input.value].length;
    if (!CSS.supports('field-sizing', 'content')) fit(input);
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event)) return;
    const meant = this.#autocomplete?.key(event);
    if (meant) {
      event.preventDefault();
      if (meant !== true) this.#choose(meant);
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
    if (event.key === 'Enter' && event.shiftKey && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!this.#editing) this.#menu?.showPopover();
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    // A keyboard on glass has no Shift+Enter to speak of: there Enter is a new line.
    if (matchMedia('(pointer: coarse) and (hover: none)').matches) return;
    event.preventDefault();
    void this.#send();
  }

  /** @param {string} text */
  async #change(text) {
    const editing = this.#editing;
    if (!editing) return;
    try {
      if (editing.theirs) /** @type {HTMLElement | null} */ (this.querySelector('.composer-conflict .btn'))?.focus();
      else if ((await editing.save(text)) && this.#editing === editing) this.#stopEditing();
    } catch (error) {
      const { errorText } = await import('./error-text.js');
      this.#error = errorText(error);
    }
    this.update();
  }

  /** Both devices have changed the message: one of the texts stays. @param {boolean} mine */
  #settle(mine) {
    if (!mine) {
      this.#cancel();
      return;
    }
    this.#editing?.keepMine();
    this.input?.focus();
    void this.#send();
  }

  /** @param {Event} [event] */
  async #send(event) {
    event?.preventDefault();
    const { input } = this;
    if (!input) return;
    const text = this.#ready();
    if (!text) return;
    if (this.#editing) {
      await this.#change(text);
      return;
    }
    const reply = this.#reply;
    this.#empty(input);
    await this.#hand(text, reply);
  }

  /**
   * Hand a message to the owner, and the words back to the person when it does not take them.
   *
   * @param {string} text
   * @param {Quote | null} reply
   */
  async #hand(text, reply) {
    const before = this.#unanswered;
    const same = before?.text === text && before.reply?.seq === reply?.seq;
    const client_id = before && same ? before.client_id : uuid();
    this.#handing++;
    try {
      await connect().send(this.chat, text, reply, client_id);
      this.#unanswered = null;
      this.#error = '';
      // An owner that was asked twice may have forgotten the draft twice.
      if (this.#draft) this.#keep();
      this.sent();
    } catch {
      // Its row says that the owner has it, though no answer came.
      const key = CSS.escape(`${connect().person}/${client_id}`);
      if (document.querySelector(`[data-key="${key}"]`)) return;
      this.#unanswered = { client_id, text, reply };
      this.#reply = reply;
      this.putBack(text);
      this.#error = t('This could not be kept for sending. Your words are still here; try again.');
    } finally {
      this.#handing--;
    }
    this.update();
  }

  /** What is there to be sent; empty when it cannot be. */
  #ready() {
    const text = withoutBlankEdges(this.input?.value ?? '');
    if (!text || this.#length <= this.#limit) return text;
    this.#error = t('This is too long to send. Nothing is lost: shorten it, or send it in parts.');
    this.update();
    return '';
  }

  /** @param {HTMLTextAreaElement} input */
  #empty(input) {
    input.value = '';
    this.#draft = '';
    this.#kept = '';
    this.#reply = null;
    this.#note = '';
    this.#dismiss();
    this.#measure();
    input.focus();
  }

  /** @param {ToggleEvent} event */
  async #toggled({ newState }) {
    const [menu, from] = [this.#menu, this.querySelector('.later')];
    if (newState !== 'open' || !menu || !from) return;
    try {
      this.#sendLater ??= await import('./send-later.js');
      this.draw();
      this.#sendLater.placeMenu(menu, from);
    } catch {
      menu.hidePopover(); // not fetched
    }
  }

  get #menu() {
    return /** @type {HTMLElement | null} */ (this.querySelector('.later-menu'));
  }

  /** Keep it to be sent later; the words stay here until the server has them. @param {Date} due */
  async #schedule(due) {
    this.#menu?.hidePopover();
    const text = this.#ready();
    const { input } = this;
    if (!text || !input) return;
    try {
      const [{ schedule }, { upcomingDate }] = await Promise.all([
        import('../realtime/schedule.js'),
        import('../shell/times.js'),
      ]);
      const replyTo = this.#reply?.seq ?? null;
      await schedule(connect()).add(this.chat, { text, due, replyTo });
      if (this.#ready() === text) this.#empty(input);
      this.#keep();
      this.#note = t('It will be sent: {when}.', { when: upcomingDate(due) });
    } catch (error) {
      const { errorText } = await import('./error-text.js');
      this.#error = errorText(error);
    }
    this.update();
  }

  draw() {
    const had = this.input;
    super.draw();
    const { input } = this;
    // Writable (again): what was being written goes on, also the change of a message.
    if (!had && input) input.value = this.#editing ? this.#editing.text : this.#draft;
  }

  view() {
    if (this.#chatView && !this.#chatView.writable) return this.#closed();
    const name = this.#chatView ? chatTitle(this.#chatView) : '';
    const label = name ? t('Write to {name}', { name }) : t('Write');
    const typing = this.#error ? '' : typingText(this.#chatView?.typing ?? []);
    return html`<form class="composer" @submit=${this.#send}>
      <div class="composer-status"><span class="composer-error" role="alert">${this.#error}</span><span role="status">${this.#note}</span><span class="typing">${this.#note ? '' : typing}</span></div>
      ${this.#editing?.view({ keepMine: () => this.#settle(true), takeTheirs: () => this.#settle(false) }) ?? nothing}
      ${this.#above()}
      <div class="composer-box">
        ${this.#autocomplete?.view((suggestion) => this.#choose(suggestion)) ?? nothing}
        <textarea class="composer-input" data-region rows="1" dir="auto" autocomplete="off" enterkeyhint="enter"
          placeholder=${label} aria-label=${label} aria-autocomplete="list"
          aria-controls=${this.#autocomplete?.active ? 'suggestions' : nothing}
          aria-activedescendant=${this.#autocomplete?.active ?? nothing}
          @input=${this.#typed} @keydown=${this.#key} @blur=${this.#dismiss}></textarea>
        ${this.#left()}
        <button type="button" class="tool" aria-label=${t('Emoji')} title=${t('Emoji')}
          @click=${(/** @type {Event} */ event) =>
            this.pickEmoji(/** @type {Element} */ (event.currentTarget), (emoji) => this.insert(emoji))}>${icon('smiley')}</button>
        <button type="button" class="tool later" aria-label=${t('Send later')} title=${t('Send later')} popovertarget="later"
          aria-keyshortcuts="Control+Shift+Enter" ?disabled=${this.#editing !== null}>${icon('clock')}${this.#waiting()}</button>
        <button class="send" aria-label=${t('Send')}>${icon('paper-plane-right-fill', { flip: true })}</button>
      </div>
    </form>
    <div class="menu anchored later-menu" id="later" popover role="dialog" aria-label=${t('Send later')} @toggle=${this.#toggled}>${
      this.#chatView ? (this.#sendLater?.sendLaterView(this.#chatView, {
        ready: Boolean(this.input?.value.trim()),
        choose: (due) => this.#schedule(due),
      }) ?? nothing) : nothing
    }</div>`;
  }

  /** How many wait here already. */
  #waiting() {
    const all = this.#chatView?.scheduled ?? [];
    if (!all.length) return nothing;
    const failed = all.some((one) => one.failed !== null);
    return html`<span class="badge ${failed ? 'badge-alert' : ''}"><span aria-hidden="true">${count(all.length)}</span><span
      class="visually-hidden">${failed ? t('some could not be sent') : tn('{n} waits', '{n} wait', all.length)}</span></span>`;
  }

  #above() {
    const quote = this.#editing?.quote ?? this.#reply;
    if (!quote || !this.#quotedMessageView) return nothing;
    const { people } = this;
    return this.#quotedMessageView({ quote, people, editing: Boolean(this.#editing), cancel: () => this.#cancel() });
  }

  #left() {
    const left = this.#limit - this.#length;
    if (left >= COUNTER_FROM) return nothing;
    if (left >= 0) return html`<span class="composer-left">${tn('{n} left', '{n} left', left)}</span>`;
    return html`<span class="composer-left composer-over">${t('{n} too many', { n: count(-left) })}</span>`;
  }

  #closed() {
    return html`<div class="composer"><p class="composer-closed">${t('You are not in touch any more. What was said stays.')}
      <a href="/people">${t('People')}</a>${
        this.#chatView?.scheduled.length
          ? html` <button class="link" @click=${() =>
              import('./scheduled-messages.js').then(({ openScheduled }) => openScheduled(this.chat), () => {})}>${t('What was to be sent later')}</button>`
          : nothing
      }</p></div>`;
  }
}

/**
 * A text without blank lines before it and blanks after it; the first line stays indented. By hand,
 * because a pattern like `\s+$` takes time that grows with the square of the blanks.
 *
 * @param {string} text
 */
export function withoutBlankEdges(text) {
  const words = text.trimEnd();
  const indent = words.length - words.trimStart().length;
  return words.slice(words.lastIndexOf('\n', indent - 1) + 1);
}

/** The text up to the caret. @param {HTMLTextAreaElement} input */
const before = (input) => input.value.slice(0, input.selectionStart);

/** As high as its words, where the style sheet cannot say so. @param {HTMLTextAreaElement} input */
function fit(input) {
  input.style.blockSize = 'auto';
  input.style.blockSize = `${input.scrollHeight}px`;
}

customElements.define('chat-composer', ChatComposer);
