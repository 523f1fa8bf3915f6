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
import { quoteOf } from '../realtime/quotes.js';
import { shelf } from '../realtime/shelf.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/**
 * Of the message itself nothing is kept: who reads this storage after a sign-out finds no chats.
 *
 * @typedef {{ chat: string, seq: number, text: string, base_at: string }} StoredEdit `base_at`: when
 *   the text that it began from was written
 * @typedef {{ text: string, at: string }} Version a text, and when it was written
 * @typedef {Row & { seq: number }} SentRow
 */

/** Of all chats. Those of chats that are never opened again must not fill the storage. */
const MAX_STORED_EDITS = 50;

const KEY = `parley-edits-${connect().person}`;

export class MessageEdit {
  /** What another device has made of the message meanwhile. @type {Version | null} */
  theirs = null;
  /** The text that it began from; null: another one is current now. @type {string | null} */
  #base;
  #stored;
  /** The save under way: the next one begins from what it stores. @type {Promise<unknown>} */
  #saving = Promise.resolve();

  /** @param {StoredEdit} stored @param {Quote} quote @param {string | null} base */
  constructor(stored, quote, base) {
    this.#stored = stored;
    this.quote = quote;
    this.#base = base;
  }

  /**
   * Begin, or go on where it was left.
   *
   * @param {string} chat
   * @param {SentRow} row
   */
  static start(chat, row) {
    const { seq, text } = row;
    const base_at = row.edited_at ?? row.at;
    const stored = read().find((one) => one.chat === chat && one.seq === seq);
    const isCurrent = !stored || stored.base_at === base_at;
    return new MessageEdit(stored ?? { chat, seq, text, base_at }, quoteOf(row), isCurrent ? text : null);
  }

  /**
   * The one that was left last in a chat. That of a message that is no more goes.
   *
   * @param {string} chat
   * @returns {Promise<MessageEdit | null>}
   * @throws {ParleyError}
   */
  static async lastUnfinished(chat) {
    const stored = read().findLast((one) => one.chat === chat);
    if (!stored) return null;
    const { seq } = stored;
    const row = await shelf(connect()).message(chat, seq);
    const edit = MessageEdit.start(chat, { ...row, seq });
    if (!row.deleted) return edit;
    edit.forget();
    return null;
  }

  get text() {
    return this.#stored.text;
  }

  /** Keep what is written so far. @param {string} text */
  write(text) {
    this.#stored = { ...this.#stored, text };
    if (text === this.#base) this.forget();
    else write([...this.#others(), this.#stored]);
  }

  /** It is saved, or given up. */
  forget() {
    write(this.#others());
  }

  /**
   * @param {string} text
   * @returns {Promise<boolean>} whether it is done. If not, more was written while it was saved, or
   *   another device has changed the message (`theirs`)
   * @throws {ParleyError}
   */
  save(text) {
    const written = this.text;
    const saved = this.#saving.then(() => this.#save(text, written));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  /** @param {string} text @param {string} written the whole field, when it was to be saved */
  async #save(text, written) {
    if (this.theirs) return false;
    const { chat, seq, base_at } = this.#stored;
    const current = () => connect().ask('currentText', chat, seq);
    try {
      await connect().edit(chat, seq, text, base_at);
      if (this.text === written) {
        this.forget();
        return true;
      }
      this.#rebase(await current());
    } catch (error) {
      if (/** @type {ParleyError} */ (error).code !== 'conflict') throw error;
      this.theirs = await current();
    }
    return false;
  }

  /** Go on from what the other device has made of it. */
  keepMine() {
    if (this.theirs) this.#rebase(this.theirs);
    this.theirs = null;
  }

  /** @param {Version} version */
  #rebase({ text, at }) {
    this.#base = text;
    this.#stored = { ...this.#stored, base_at: at };
    this.write(this.text);
  }

  /**
   * Both texts are in sight: the other device's here, the reader's own where they write.
   *
   * @param {{ keepMine: () => void, takeTheirs: () => void }} choices
   */
  view({ keepMine, takeTheirs }) {
    if (!this.theirs) return nothing;
    return html`<section class="composer-conflict" aria-labelledby="conflict-title">
      <p id="conflict-title" role="alert">${t('This message was changed on another device. Nothing was overwritten; your text is in the field below.')}</p>
      <blockquote dir="auto" tabindex="0" aria-labelledby="conflict-title">${this.theirs.text}</blockquote>
      <div class="composer-choices">
        <button type="button" class="btn btn-small" @click=${keepMine}>${t('Save my text')}</button>
        <button type="button" class="btn btn-small btn-quiet" @click=${takeTheirs}>${t('Keep the other text')}</button>
      </div>
    </section>`;
  }

  #others() {
    const { chat, seq } = this.#stored;
    return read().filter((one) => one.chat !== chat || one.seq !== seq);
  }
}

/** @returns {StoredEdit[]} the newest last */
function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]');
  } catch {
    return []; // the browser stores nothing for this page
  }
}

/** @param {StoredEdit[]} edits */
function write(edits) {
  try {
    if (edits.length) localStorage.setItem(KEY, JSON.stringify(edits.slice(-MAX_STORED_EDITS)));
    else localStorage.removeItem(KEY);
  } catch {
    // The browser stores nothing for this page, or no more: it is kept until the chat is left.
  }
}
