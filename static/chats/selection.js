/**
 * `<selection-bar>`: what can be done with several messages, in place of the composer, and which
 * messages they are. Loaded with the first selection.
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */
/** @import { ParleyError } from '../realtime/both/failure.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { ChatComposer } from './composer.js' */

import { connect } from '../realtime/client.js';
import { cut } from '../realtime/both/platform.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { canDelete } from './action-bar.js';
import { plainLine, filesOf } from './describe.js';
import { errorText } from './error-text.js';

/** @typedef {Row & { seq: number }} SentRow */

/** Of one selection: each of them is a command, or a message of its own. */
const MAX_SELECTED = 100;

/** The selected messages of a chat, in its order. */
export class Selection {
  /** @type {Map<string, SentRow>} */
  #rows = new Map();
  /** The row that was pressed last: a range begins there. @type {string | null} */
  #last = null;
  /** Whether the last press was for more than can be selected. */
  isOverfull = false;

  get rows() {
    return [...this.#rows.values()].sort((a, b) => a.seq - b.seq);
  }

  get size() {
    return this.#rows.size;
  }

  /** @param {string} key */
  has(key) {
    return this.#rows.has(key);
  }

  /**
   * A row was pressed.
   *
   * @param {SentRow} row
   * @param {SentRow[]} [rows] all that can be selected, in order, when everything since the last
   *   press is selected
   */
  press(row, rows) {
    const from = rows?.findIndex(({ key }) => key === this.#last) ?? -1;
    const to = rows?.findIndex(({ key }) => key === row.key) ?? -1;
    this.#last = row.key;
    this.isOverfull = false;
    if (!rows || from < 0 || to < 0) {
      if (!this.#rows.delete(row.key)) this.#add(row);
      return;
    }
    for (const one of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#add(one);
  }

  /**
   * Keep only those that are still there, as they are now.
   *
   * @param {SentRow[]} rows that came or changed
   * @param {boolean} [isAll] whether no others are known to be there
   * @returns {boolean} whether some are not selected any more
   */
  follow(rows, isAll = false) {
    const { size } = this;
    const left = new Set(isAll ? this.#rows.keys() : []);
    for (const row of rows) {
      if (!this.#rows.has(row.key)) continue;
      left.delete(row.key);
      if (row.deleted) this.#rows.delete(row.key);
      else this.#rows.set(row.key, row);
    }
    for (const key of left) this.#rows.delete(key);
    return this.size < size;
  }

  /** The circle beside a row; a press anywhere on the row checks it. @param {Row} row @param {string} name of the sender */
  check(row, name) {
    const { key, kind, seq, deleted } = row;
    if (kind !== 'text' || seq === null || deleted) return nothing;
    const checked = this.has(key);
    return html`<button class="row-check" role="checkbox" tabindex="-1" aria-label=${t('Select the message of {name}: {text}', { name: row.mine ? t('You') : name, text: cut(plainLine(row.text, filesOf(row)), 60) })} aria-checked=${checked ? 'true' : 'false'}>${checked ? icon('check', { size: '14' }) : nothing}</button>`;
  }

  /** @param {SentRow} row */
  #add(row) {
    if (this.size < MAX_SELECTED || this.has(row.key)) this.#rows.set(row.key, row);
    else this.isOverfull = true;
  }
}

export class SelectionBar extends View {
  selection = new Selection();
  /** @type {ChatView | null} */
  chat = null;
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {ChatComposer | null} tells what was done */
  composer = null;
  /** The selection is over. */
  end = () => {};
  #confirmsDelete = false;
  #busy = false;
  #error = '';

  /** A new value means that the selection changed. @param {number} _ */
  set stamp(_) {
    this.#confirmsDelete = false;
    this.update();
  }

  start() {
    this.draw();
    this.querySelector('button')?.focus({ preventScroll: true });
  }

  /**
   * @param {() => Promise<unknown>} act
   * @param {string} note what was done
   */
  async #run(act, note) {
    this.#busy = true;
    this.#error = '';
    this.update();
    try {
      await act();
      this.end();
      this.composer?.tell({ note });
    } catch (error) {
      this.#error = errorText(error);
    }
    this.#busy = false;
    this.update();
  }

  #copy() {
    const { rows, size } = this.selection;
    const texts = rows.map((row) => {
      const name = row.mine ? t('You') : (this.people[row.sender]?.name ?? t('Somebody'));
      const text = plainLine(row.text, filesOf(row));
      return size > 1 ? `${name}: ${text}` : row.text;
    });
    const note = tn('{n} message copied.', '{n} messages copied.', size);
    return this.#run(() => navigator.clipboard.writeText(texts.join('\n')), note);
  }

  #save() {
    const { rows, size } = this.selection;
    const unsaved = rows.filter(({ saved }) => !saved);
    return this.#run(() => this.#each(unsaved, 'save'), tn('{n} message saved.', '{n} messages saved.', size));
  }

  #delete() {
    const { rows, size } = this.selection;
    return this.#run(() => this.#each(rows, 'delete'), tn('{n} message deleted.', '{n} messages deleted.', size));
  }

  /** In order; those after one that fails stay as they are, and one that is gone is skipped.
   * @param {SentRow[]} rows @param {'save' | 'delete'} type */
  async #each(rows, type) {
    for (const { seq } of rows) {
      await connect().command({ type, chat: this.chat?.id ?? '', seq }).catch((/** @type {ParleyError} */ error) => {
        if (error.code !== 'not_found') throw error;
      });
    }
  }

  #forward() {
    const { rows } = this.selection;
    const { composer } = this;
    if (!composer) return;
    import('./forward-message.js').then(
      ({ openForward }) => openForward(rows, composer, () => this.end()),
      () => {}, // offline, and the module was never fetched
    );
  }

  view() {
    const { size, rows } = this.selection;
    const mayDelete = rows.every((row) => canDelete(row, this.chat));
    /** @param {string} words @param {() => void} act @param {string} [kind] */
    const button = (words, act, kind = '') =>
      html`<button class="btn btn-small btn-quiet ${kind}" ?disabled=${!size || this.#busy} @click=${act}>${words}</button>`;
    return html`<div class="selection" role="group" aria-label=${t('Selected messages')}>
      <button class="tool" aria-label=${t('End the selection')} title=${t('End the selection')} @click=${() => this.end()}>${icon('x')}</button>
      <b class="selection-count" role="status">${tn('{n} selected', '{n} selected', size)}</b>
      ${this.#confirmsDelete
        ? html`<span>${tn('Delete {n} message for everyone? It cannot be brought back.', 'Delete {n} messages for everyone? They cannot be brought back.', size)}</span>
          ${button(t('Keep them'), () => this.#ask(false))}${button(t('Delete'), () => void this.#delete(), 'btn-alert')}`
        : html`${button(t('Copy'), () => void this.#copy())}${button(t('Forward…'), () => this.#forward())}${button(t('Save'), () => void this.#save())}
          ${mayDelete ? button(t('Delete'), () => this.#ask(true), 'btn-alert') : nothing}`}
      ${this.selection.isOverfull ? html`<p class="error" role="alert">${t('At most {n} messages can be selected at once.', { n: MAX_SELECTED })}</p>` : nothing}
      ${this.#error ? html`<p class="error" role="alert">${this.#error}</p>` : nothing}
    </div>`;
  }

  /** @param {boolean} asks */
  #ask(asks) {
    this.#confirmsDelete = asks;
    this.draw();
    /** @type {HTMLElement | null} */ (this.querySelector('.btn'))?.focus();
  }
}

customElements.define('selection-bar', SelectionBar);
