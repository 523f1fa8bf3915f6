/**
 * State of a composer's draft, without DOM: the text, the quoted message, and which version of them
 * the owner has stored.
 *
 * @module
 */

/** @import { Quote } from '../realtime/wire.js' */

import { isBlank } from '../realtime/both/blank.js';
import { uuid } from '../realtime/both/platform.js';

/**
 * `files`: ids of uploads.
 *
 * @typedef {{ client_id: string, text: string, reply: Quote | null, files: string[] }} OutgoingMessage
 */

/** Texts written here that a late event may still have: some seconds of typing. */
const MAX_LATE_TEXTS = 99;

export class DraftState {
  text = '';
  /** @type {Quote | null} the message being replied to */
  reply = null;
  /** The text that the owner has confirmed as stored. */
  #storedText = '';
  /** What was written here since the owner's text was taken: an event that is late may have it.
   * @type {string[]} */
  #written = [];
  /**
   * Whether the reader has typed. Until then a stored draft that arrives late replaces the text.
   */
  #isTouched = false;
  #isLoaded = false;
  /** Messages being handed to the owner. Meanwhile the owner's view of the draft is outdated. */
  #sending = 0;
  /** A message of which it is unknown whether the owner has it. Sent again, it keeps its id.
   * @type {OutgoingMessage | null} */
  #unconfirmed = null;
  #store;

  /** @param {(text: string, reply: Quote | null) => Promise<unknown>} store */
  constructor(store) {
    this.#store = store;
  }

  get isTouched() {
    return this.#isTouched;
  }

  /** The reader typed, in the draft or in an edit. */
  touch() {
    this.#isTouched = true;
  }

  /** The reader changed the text. @param {string} text @returns {boolean} whether it grew */
  write(text) {
    this.touch();
    const grew = text.length > this.text.length;
    this.text = text;
    this.save();
    return grew;
  }

  /** @param {Quote | null} quote */
  setReply(quote) {
    this.reply = quote;
    this.save();
  }

  /** Store the draft. Without a store it lasts as long as the composer. */
  save() {
    const { text } = this;
    this.#written = [...this.#written.slice(-MAX_LATE_TEXTS), text];
    this.#store(text, this.reply).then(
      () => (this.#storedText = text),
      () => {},
    );
  }

  /** The draft was sent or scheduled. */
  clear() {
    this.text = '';
    this.reply = null;
    this.#storedText = '';
  }

  /**
   * The stored draft was read. If the reader has already typed, their text stays.
   *
   * @param {string} text
   * @param {Quote | null} reply
   * @param {boolean} isEditing whether the text field shows an edit instead of the draft
   * @returns {string} text to put in front of what was typed; empty if there is none
   */
  load(text, reply, isEditing) {
    if (this.#isLoaded) return '';
    if (!this.#isTouched || isEditing) {
      this.#replace(text, reply);
      return '';
    }
    this.#isLoaded = true;
    this.reply ??= reply;
    return text;
  }

  /**
   * The owner's draft changed, in another tab or on another device: replace this one, unless the
   * owner does not have all that the reader has written.
   *
   * @param {{ draft: string, reply: Quote | null }} stored
   * @param {{ isEditing: boolean, isFocused: boolean }} composer
   * @returns {boolean} whether the draft was replaced
   */
  follow({ draft, reply }, composer) {
    const isReplySame = reply?.seq === this.reply?.seq;
    // What it quotes may have been edited or deleted.
    if (isReplySame) this.reply = reply;
    const isSame = draft === this.text && isReplySame;
    if (isSame || this.#sending || !this.#yieldsTo(draft, reply, composer)) return false;
    this.#replace(draft, reply);
    return true;
  }

  /**
   * @param {string} draft
   * @param {Quote | null} reply
   * @param {{ isEditing: boolean, isFocused: boolean }} composer
   */
  #yieldsTo(draft, reply, { isEditing, isFocused }) {
    const isStored = this.text === this.#storedText;
    // It was sent or removed elsewhere, and nothing was typed here since it was stored.
    if (isStored && this.text && !draft && !reply) return true;
    // Words of another device were put above or below it.
    if (isStored && this.text && `\n\n${draft}\n\n`.includes(`\n\n${this.text}\n\n`)) return true;
    if (isEditing) return false;
    if (!this.#isTouched) return true;
    const isOther = !this.#written.includes(draft);
    return isFocused ? isStored && isOther : isStored || isOther;
  }

  /** @param {string} text @param {Quote | null} reply */
  #replace(text, reply) {
    this.#isLoaded = true;
    this.text = text;
    this.#storedText = text;
    this.#written = [];
    this.reply = reply;
  }

  /**
   * Turn the draft into a message and clear it. Call `sendEnded` when the owner has answered.
   *
   * @param {string} text
   * @param {string[]} [files] ids of uploads
   * @returns {OutgoingMessage}
   */
  startSending(text, files = []) {
    const { reply } = this;
    const last = this.#unconfirmed;
    const isSame =
      last?.text === text && last.reply?.seq === reply?.seq && String(last.files) === String(files);
    this.#sending += 1;
    this.clear();
    return { client_id: last && isSame ? last.client_id : uuid(), text, reply, files };
  }

  /** @param {OutgoingMessage | null} unconfirmed null: the owner has the message */
  sendEnded(unconfirmed = null) {
    this.#sending -= 1;
    this.#unconfirmed = unconfirmed;
    if (unconfirmed) this.reply = unconfirmed.reply;
    // A send that was repeated deletes the draft twice: store the text typed since.
    else if (this.text) this.save();
  }
}

/**
 * A text without blank lines at its start and white space at its end; the first line keeps its
 * indentation. Not by a pattern like `\s+$`, which takes quadratic time.
 *
 * @param {string} text
 */
export function withoutBlankEdges(text) {
  if (isBlank(text)) return '';
  const words = text.trimEnd();
  const indent = words.length - words.trimStart().length;
  return words.slice(words.lastIndexOf('\n', indent - 1) + 1);
}
