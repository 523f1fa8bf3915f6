/**
 * Base of the lists of message rows, in a chat and in a thread: they draw rows, have one tab stop, and
 * load what the mouse, fingers and keys do with rows.
 *
 * @module
 */

/** @import { UploadActions } from '../files/types.js' */
/** @import { Row } from '../realtime/contract.js' */
/** @import { TimelineState } from '../realtime/timeline-types.js' */
/** @import { rememberVoices } from '../accounts/voices.js' */
/** @import { actionBarView } from './action-bar.js' */
/** @import { cardsView } from './cards.js' */
/** @import { entryView } from './plugin-entry.js' */
/** @import { refusedView } from './refused.js' */
/** @import { Act } from './room-actions.js' */
/** @import { Selection } from './selection.js' */
/** @import { Item } from './timeline-items.js' */
/** @import { RowInput } from './row-input.js' */

import { connect } from '../realtime/client.js';
import { View } from '../shell/view.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { itemView } from './row.js';
import { TimelineItems } from './timeline-items.js';

export class MessageRows extends View {
  /** @type {(row: Row, back: boolean) => void} retry a refused row, or put its text back */
  resolveRefused = () => {};
  /** @type {Act} */
  act = () => {};
  /** @type {(row: Row, rows: Row[] | null) => void} a row was pressed; `rows`: with all before it */
  pressed = () => {};
  /** Seq of the first message of the thread that is shown. @type {number | null} */
  root = null;
  items = new TimelineItems(connect().person);
  /** @type {string | null} key of the row with the focus */
  focusedKey = null;
  /** The colours of members; null until its module is loaded. @type {typeof rememberVoices | null} */
  voices = null;
  /** @type {string | null} key of the row under the mouse */
  hoveredKey = null;
  /** @type {Element | null} the row whose links and buttons Tab can reach */
  #tabStopRow = null;
  /** @type {RowInput | null} */
  #input = null;
  /** Messages that are being selected. @type {Selection | null} */
  #selection = null;
  /** @type {number | null} seq of the message that is being edited */
  #edited = null;
  /** @type {typeof actionBarView | null} */
  #actionBarView = null;
  /** @type {typeof cardsView | null} */
  #cardsView = null;
  #loadsDrawings = false;
  /** @type {typeof refusedView | null} */
  #refusedView = null;
  /** @type {typeof entryView | null} */
  #entryView = null;
  #hasLoadedInput = false;

  stop() {
    this.#input?.end();
    this.#input = null;
    this.#hasLoadedInput = false;
  }

  /** Draw again what is shown, as the custom emoji have changed. */
  redraw() {
    this.draw();
  }

  /** What scrolls. @abstract @returns {HTMLElement} */
  get scroller() {
    throw new Error('scroller is not implemented');
  }

  /** What is shown; null while nothing is. @abstract @returns {TimelineState | null} */
  get state() {
    throw new Error('state is not implemented');
  }

  /** Seq of the row that was jumped to. @returns {number | null} */
  get target() {
    return null;
  }

  get selection() {
    return this.#selection;
  }

  set selection(selection) {
    this.#selection = selection;
    this.update();
  }

  /** @param {number | null} seq */
  set edited(seq) {
    this.#edited = seq;
    this.update();
  }

  /** Load what keys, touch and the mouse need, and the colours of members. Not needed for the first paint. */
  async loadInput() {
    if (this.#hasLoadedInput) return;
    this.#hasLoadedInput = true;
    try {
      const [{ rememberVoices }, { actionBarView }, { refusedView }, { RowInput }] = await Promise.all([
        import('../accounts/voices.js'),
        import('./action-bar.js'),
        import('./refused.js'),
        import('./row-input.js'),
        import('./custom-emoji.js'),
      ]);
      if (!this.#hasLoadedInput) return;
      this.voices = rememberVoices;
      this.#actionBarView = actionBarView;
      this.#refusedView = refusedView;
      this.#input = new RowInput(this);
      this.listen(document, 'custom-emoji', () => this.redraw());
      this.redraw();
    } catch {
      // Could not be fetched: the next change of the rows tries again.
      this.#hasLoadedInput = false;
    }
  }

  /** Load what draws cards of programs and entries of plugins. Until then, their texts are shown. */
  async #loadDrawings() {
    this.#loadsDrawings = true;
    try {
      const [{ cardsView, styled }, { entryView }] = await Promise.all([import('./cards.js'), import('./plugin-entry.js')]);
      await styled();
      this.#cardsView = cardsView;
      this.#entryView = entryView;
      this.keepPlace(() => this.draw());
    } catch {
      // Could not be fetched: the next change of the rows tries again.
      this.#loadsDrawings = false;
    }
  }

  /** Whether a row has the focus. If so, the tab stop stays with it. */
  get hasFocusedRow() {
    return this.focusedKey !== null && this.items.keys().includes(this.focusedKey);
  }

  /** @param {string} key */
  rowOf(key) {
    return /** @type {HTMLElement | null} */ (this.querySelector(`[data-key="${CSS.escape(key)}"]`));
  }

  /** @param {FocusEvent} event */
  focused(event) {
    const key = keyOf(/** @type {Element} */ (event.target).closest('[data-key]'));
    if (!key || key === this.focusedKey) return;
    this.items.tabStop = key;
    this.focusedKey = key;
    this.draw();
  }

  blurred() {
    this.focusedKey = null;
    this.update();
  }

  /** The list has one tab stop. Links and buttons of a row can be reached only from that row. */
  draw() {
    super.draw();
    const row = this.items.tabStop && this.rowOf(this.items.tabStop);
    if (this.#tabStopRow && this.#tabStopRow !== row) setStops(this.#tabStopRow, -1);
    this.#tabStopRow = row || null;
    if (row) setStops(row, 0);
  }

  /** @param {Item[]} items */
  itemViews(items) {
    const { state, root, target, act } = this;
    if (!this.#loadsDrawings && items.some((item) => item.kind === 'row' && item.row.layout)) void this.#loadDrawings();
    const context = {
      tabStop: this.items.tabStop,
      target,
      root,
      edited: this.#edited,
      selection: this.#selection,
      unfolded: this.items.unfolded,
      chat: state?.chat?.id ?? '',
      group: state?.chat?.kind === 'group',
      writable: state?.chat?.writable ?? true,
      leads: state?.chat?.kind === 'group' && state.chat.role !== 'member',
      people: state?.people ?? {},
      withBar: this.#selection ? [] : [this.hoveredKey, this.focusedKey],
      bar: this.#actionBarView,
      cards: this.#cardsView,
      entry: this.#entryView,
      refused: this.#refusedView,
      act,
      uploads: UPLOADS,
      unfold: (/** @type {string} */ key) => this.keepPlace(() => this.#unfold(key)),
      retry: (/** @type {Row} */ row) => this.resolveRefused(row, false),
      discard: (/** @type {Row} */ row) => this.resolveRefused(row, true),
    };
    return repeat(items, ({ key }) => key, (item) => itemView(item, context));
  }

  /** An entry of a plugin has drawn itself: its links and buttons can be reached as those of its row.
   * @param {Element} entry */
  entryDrawn(entry) {
    setStops(entry, entry.closest('[data-key]') === this.#tabStopRow ? 0 : -1);
  }

  /** @param {string} key */
  #unfold(key) {
    this.items.unfolded.add(key);
    this.draw();
  }

  /** Change rows above the reader's place, which stays. @param {() => void} change */
  keepPlace(change) {
    change();
  }
}

/** @type {UploadActions} */
const UPLOADS = {
  cancelUpload: (upload) => void uploadCall('cancelUpload', upload),
  retryUpload: (upload) => void uploadCall('retryUpload', upload),
};

/** @param {'cancelUpload' | 'retryUpload'} name @param {string} upload */
const uploadCall = (name, upload) => /** @type {any} */ (connect())[name]?.(upload)?.catch?.(() => {});

/** @param {Element | null} row */
export const keyOf = (row) => (row instanceof HTMLElement ? (row.dataset.key ?? null) : null);

/** @param {Element} row @param {number} stop */
function setStops(row, stop) {
  for (const inside of row.querySelectorAll('a, button, [role=slider], [role=button]')) {
    /** @type {HTMLElement} */ (inside).tabIndex = stop;
  }
}
