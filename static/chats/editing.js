/**
 * A message that is being changed: kept on this device until it is saved, so that another chat, a
 * reload or a closed tab takes nothing away. Loaded with the first change.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { ParleyError } from '../realtime/failure.js' */
/** @import { Quote } from '../realtime/wire.js' */

import { connect } from '../realtime/client.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/** @typedef {{ text: string, at: string }} Version a text, and when it was written */
/** @typedef {{ seq: number, quote: Quote, text: string, base: Version }} KeptEdit */

/** @param {string} chat */
const keyOf = (chat) => `parley-edits-${connect().person}-${chat}`;

export class Edit {
  /** What another device has made of the message meanwhile. @type {Version | null} */
  theirs = null;
  #chat;
  #kept;
  /** The save under way: another one begins from what it stores. @type {Promise<unknown>} */
  #saving = Promise.resolve();

  /** @param {string} chat @param {KeptEdit} kept */
  constructor(chat, kept) {
    this.#chat = chat;
    this.#kept = kept;
  }

  /**
   * Begin, or go on where it was left.
   *
   * @param {string} chat
   * @param {Row & { seq: number }} row
   * @param {Quote} quote
   */
  static of(chat, { seq, text, at, edited_at }, quote) {
    const begun = read(chat).find((one) => one.seq === seq);
    return new Edit(chat, begun ?? { seq, quote, text, base: { text, at: edited_at ?? at } });
  }

  /** The one that was left last. @param {string} chat @returns {Edit | null} */
  static left(chat) {
    const last = read(chat).at(-1);
    return last ? new Edit(chat, last) : null;
  }

  get quote() {
    return this.#kept.quote;
  }

  get text() {
    return this.#kept.text;
  }

  /** Keep what is written so far. @param {string} text */
  write(text) {
    this.#kept = { ...this.#kept, text };
    if (text === this.#kept.base.text) this.forget();
    else write(this.#chat, [...this.#others(), this.#kept]);
  }

  /** It is saved, or given up. */
  forget() {
    write(this.#chat, this.#others());
  }

  /**
   * @param {string} text
   * @returns {Promise<boolean>} false: another device has changed the message, see `theirs`, or
   *   more was written while this was being saved
   * @throws {ParleyError}
   */
  save(text) {
    const saved = this.#saving.then(() => this.#save(text));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  /** @param {string} text */
  async #save(text) {
    const { seq, base, text: written } = this.#kept;
    try {
      await connect().edit(this.#chat, seq, text, base.at);
    } catch (error) {
      if (/** @type {ParleyError} */ (error).code !== 'conflict') throw error;
      this.theirs = await connect().ask('currentText', this.#chat, seq);
      return false;
    }
    if (this.#kept.text !== written) {
      const saved = await connect().ask('currentText', this.#chat, seq);
      this.#kept = { ...this.#kept, base: saved };
      this.write(this.text);
      return false;
    }
    this.forget();
    return true;
  }

  /** Go on from what the other device has made of it. */
  keepMine() {
    if (this.theirs) this.#kept = { ...this.#kept, base: this.theirs };
    this.theirs = null;
    this.write(this.text);
  }

  /**
   * Both texts are in sight: the other device's here, the reader's own where they write.
   *
   * @param {{ keepMine: () => void, takeTheirs: () => void }} choices
   */
  view({ keepMine, takeTheirs }) {
    if (!this.theirs) return nothing;
    return html`<section class="comp-conflict" aria-labelledby="conflict-title">
      <p id="conflict-title" role="alert">${t('This message was changed on another device. Nothing was overwritten; your text is in the field below.')}</p>
      <blockquote dir="auto" tabindex="0" aria-labelledby="conflict-title">${this.theirs.text}</blockquote>
      <div class="comp-choices">
        <button type="button" class="btn btn-small" @click=${keepMine}>${t('Save my text')}</button>
        <button type="button" class="btn btn-small btn-quiet" @click=${takeTheirs}>${t('Keep the other text')}</button>
      </div>
    </section>`;
  }

  #others() {
    return read(this.#chat).filter(({ seq }) => seq !== this.#kept.seq);
  }
}

/** @param {string} chat @returns {KeptEdit[]} the newest last */
function read(chat) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(chat)) ?? '[]');
  } catch {
    return []; // the browser stores nothing for this page
  }
}

/** @param {string} chat @param {KeptEdit[]} edits */
function write(chat, edits) {
  try {
    if (edits.length) localStorage.setItem(keyOf(chat), JSON.stringify(edits));
    else localStorage.removeItem(keyOf(chat));
  } catch {
    // The browser stores nothing for this page, or no more: it is kept until the chat is left.
  }
}
