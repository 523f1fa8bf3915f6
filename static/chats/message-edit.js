/**
 * An edit in progress. It is stored on this device until it is saved or cancelled, so switching
 * chats, reloading or closing the tab loses nothing. Loaded with the first edit.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { ParleyError } from '../realtime/both/failure.js' */
/** @import { Quote } from '../realtime/wire.js' */

import { connect } from '../realtime/client.js';
import { quoteOf } from '../realtime/both/quotes.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { deviceList } from './device-list.js';

/**
 * Holds nothing of the message itself, so this storage reveals no chat after sign-out.
 *
 * @typedef {{ chat: string, seq: number, text: string, base_at: string }} StoredEdit `base_at`: when
 *   the text that the edit started from was written
 * @typedef {{ text: string, at: string }} Version a text, and when it was written
 * @typedef {Row & { seq: number }} SentRow
 */

const MAX_STORED_EDITS = 50;

/** @type {ReturnType<typeof deviceList<StoredEdit>>} */
const storedEdits = deviceList('edits', MAX_STORED_EDITS);

export class MessageEdit {
  /** The version that another device saved during this edit. @type {Version | null} */
  theirs = null;
  /**
   * The text that the edit started from; null when it is no longer current.
   *
   * @type {string | null}
   */
  #base;
  #stored;
  /**
   * The running save. The next one starts from the text that it stores.
   *
   * @type {Promise<unknown>}
   */
  #saving = Promise.resolve();

  /** @param {StoredEdit} stored @param {Quote} quote @param {string | null} base */
  constructor(stored, quote, base) {
    this.#stored = stored;
    this.quote = quote;
    this.#base = base;
  }

  /**
   * Start an edit, or continue the stored one.
   *
   * @param {string} chat
   * @param {SentRow} row
   */
  static start(chat, row) {
    const { seq, text } = row;
    const base_at = row.edited_at ?? row.at;
    const unfinished = storedEdits.read().find((one) => one.chat === chat && one.seq === seq);
    const isCurrent = !unfinished || unfinished.base_at === base_at;
    return new MessageEdit(unfinished ?? { chat, seq, text, base_at }, quoteOf(row), isCurrent ? text : null);
  }

  /**
   * The most recent unfinished edit of a chat. Discards it if its message was deleted.
   *
   * @param {string} chat
   * @returns {Promise<MessageEdit | null>}
   * @throws {ParleyError}
   */
  static async lastUnfinished(chat) {
    const unfinished = storedEdits.read().findLast((one) => one.chat === chat);
    if (!unfinished) return null;
    const { seq } = unfinished;
    const row = await connect().request('message', chat, seq);
    const edit = MessageEdit.start(chat, { ...row, seq });
    if (!row.deleted) return edit;
    edit.discard();
    return null;
  }

  get text() {
    return this.#stored.text;
  }

  /** Whether it differs from the text that the edit started from. */
  get isChanged() {
    return this.text !== this.#base;
  }

  /** Store the text so far. @param {string} text */
  setText(text) {
    this.#stored = { ...this.#stored, text };
    if (text === this.#base) this.discard();
    else storedEdits.write([...this.#others(), this.#stored]);
  }

  /** Remove the stored edit: it was saved or cancelled. */
  discard() {
    storedEdits.write(this.#others());
  }

  /**
   * @param {string} text
   * @returns {Promise<boolean>} whether the edit is finished. If not, the reader typed on during the
   *   save, or another device changed the message (`theirs`)
   * @throws {ParleyError}
   */
  save(text) {
    const written = this.text;
    const saved = this.#saving.then(() => this.#save(text, written));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  /**
   * @param {string} text
   * @param {string} written the field's whole text when the save was requested
   */
  async #save(text, written) {
    if (this.theirs) return false;
    const { chat, seq, base_at } = this.#stored;
    const current = () => connect().request('currentText', chat, seq);
    try {
      await connect().command({ type: 'edit', chat, seq, text, base_at });
      if (this.text === written) {
        this.discard();
        return true;
      }
      this.#rebase(await current());
    } catch (error) {
      if (/** @type {ParleyError} */ (error).code !== 'conflict') throw error;
      this.theirs = await current();
    }
    return false;
  }

  /** Continue on top of the other device's version. */
  keepMine() {
    if (this.theirs) this.#rebase(this.theirs);
    this.theirs = null;
  }

  /** @param {Version} version */
  #rebase({ text, at }) {
    this.#base = text;
    this.#stored = { ...this.#stored, base_at: at };
    this.setText(this.text);
  }

  /**
   * The conflict: shows the other device's text; the reader's own is in the text field.
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
    return storedEdits.read().filter((one) => one.chat !== chat || one.seq !== seq);
  }
}
