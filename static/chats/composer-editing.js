/**
 * The edit that is made in a composer; meanwhile its draft waits. Loaded after the first paint.
 *
 * @module
 */

/** @import { MessageEdit } from './message-edit.js' */

import { nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/**
 * @typedef {object} EditedComposer
 * @property {HTMLTextAreaElement | null} input
 * @property {() => void} showDraft fill the field with the draft again
 * @property {() => void} update draw again
 * @property {(seq: number | null) => void} editingChanged
 * @property {(texts: { note?: string, error?: string }) => void} tell
 * @property {() => void} send
 *
 * @typedef {HTMLElement & EditedComposer} Composer
 */

export class ComposerEditing {
  /** @type {MessageEdit | null} */
  current = null;
  /** The changed text that the reader was asked about. @type {string | null} */
  #asked = null;
  #composer;

  /** @param {Composer} composer */
  constructor(composer) {
    this.#composer = composer;
  }

  /** @param {MessageEdit} edit */
  start(edit) {
    this.current = edit;
    this.#asked = null;
    this.#composer.editingChanged(edit.quote.seq);
  }

  /** Leave the edit; it stays stored. */
  stop() {
    this.current = null;
    this.#composer.editingChanged(null);
    this.#composer.tell({});
    this.#composer.showDraft();
  }

  /** Give the edit up. Of a changed text only the second time: Escape is pressed by mistake, too. */
  cancel() {
    const { current } = this;
    if (current?.isChanged && current.text !== this.#asked) {
      this.#asked = current.text;
      this.#composer.tell({ note: t('Your changes are not saved. Stop editing once more to discard them.') });
    } else this.#discard();
  }

  #discard() {
    this.current?.discard();
    this.stop();
  }

  /** @param {string} text */
  async save(text) {
    const { current } = this;
    if (!current) return;
    try {
      if (current.theirs) {
        /** @type {HTMLElement | null} */ (this.#composer.querySelector('.composer-conflict .btn'))?.focus();
      } else if ((await current.save(text)) && this.current === current) this.stop();
    } catch (error) {
      const { errorText } = await import('./error-text.js');
      this.#composer.tell({ error: errorText(error) });
    }
    this.#composer.update();
  }

  /** Resolve an edit conflict: the reader's text replaces the other, or not. @param {boolean} mine */
  #resolve(mine) {
    const { input } = this.#composer;
    if (!mine) {
      this.#discard();
      this.#composer.update();
    } else {
      this.current?.keepMine();
      this.#composer.send();
    }
    input?.focus();
  }

  /** The text of the other device, if it is not the one that the edit began with. */
  view() {
    const choices = { keepMine: () => this.#resolve(true), takeTheirs: () => this.#resolve(false) };
    return this.current?.view(choices) ?? nothing;
  }
}
