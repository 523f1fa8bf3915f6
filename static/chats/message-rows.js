/**
 * Base of the lists of message rows, in a chat and in a thread: one tab stop, the bar and the menu of a
 * row, and what the mouse, fingers and keys do with rows.
 *
 * @module
 */

/** @import { UploadActions } from '../files/types.js' */
/** @import { Row } from '../realtime/contract.js' */
/** @import { TimelineState } from '../realtime/timeline-types.js' */
/** @import { rememberVoices } from '../accounts/voices.js' */
/** @import { actionBarView } from './action-bar.js' */
/** @import { refusedView } from './refused.js' */
/** @import { Act } from './room-actions.js' */
/** @import { Selection } from './selection.js' */
/** @import { Item } from './timeline-items.js' */
/** @import { TimelineGestures } from './timeline-gestures.js' */

import { connect } from '../realtime/client.js';
import { View } from '../shell/view.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { canAct, itemView } from './row.js';
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
  #hoveredKey = null;
  /** @type {Element | null} the row whose links and buttons Tab can reach */
  #tabStopRow = null;
  /** @type {TimelineGestures | null} */
  #gestures = null;
  /** @type {Selection | null} messages that are being selected */
  #selection = null;
  /** @type {number | null} seq of the message that is being edited */
  #edited = null;
  /** @type {typeof actionBarView | null} */
  #actionBarView = null;
  /** @type {typeof refusedView | null} */
  #refusedView = null;
  #hasLoadedInput = false;

  stop() {
    this.#gestures?.end();
    this.#hasLoadedInput = false;
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

  /** @param {Selection | null} selection */
  set selection(selection) {
    this.#selection = selection;
    this.update();
  }

  /** @param {number | null} seq */
  set edited(seq) {
    this.#edited = seq;
    this.update();
  }

  /** Load what touch and the mouse need, and the colours of members. Not needed for the first paint. */
  async loadInput() {
    if (this.#hasLoadedInput) return;
    this.#hasLoadedInput = true;
    try {
      const [{ rememberVoices }, { actionBarView }, { refusedView }, { TimelineGestures }] = await Promise.all([
        import('../accounts/voices.js'),
        import('./action-bar.js'),
        import('./refused.js'),
        import('./timeline-gestures.js'),
      ]);
      if (!this.#hasLoadedInput) return;
      this.voices = rememberVoices;
      this.#actionBarView = actionBarView;
      this.#refusedView = refusedView;
      this.#gestures = new TimelineGestures(this.scroller, {
        rowAt: (target) => this.#rowAt(target),
        isSelecting: () => this.#selection !== null,
        select: (row, isRange) => this.#select(row, isRange),
        openMenu: (target) => this.#openMenu(target),
        reply: (row) => this.state?.chat?.writable && this.act('reply', row),
      });
      this.update();
    } catch {
      // Could not be fetched: the next change of the rows tries again.
      this.#hasLoadedInput = false;
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

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.target !== this.rowOf(this.items.tabStop ?? '')) return;
    const row = this.#selection && this.#rowAt(/** @type {Element} */ (event.target));
    if (row && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      this.#select(row, event.shiftKey);
      return;
    }
    if (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      if (this.#openMenu(/** @type {Element} */ (event.target))) event.preventDefault();
      return;
    }
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const key = this.items.step(by);
    this.draw();
    const next = key && this.rowOf(key);
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }

  /** Open the menu of the row that contains `target`. @param {Element} target @returns {boolean} */
  #openMenu(target) {
    const row = this.#rowAt(target);
    const element = target.closest('[data-key]');
    if (!element || !row) return false;
    this.act('openMenu', row, element.querySelector('.row-body') ?? element);
    return true;
  }

  /** The message that contains `target`, if one can act on it. @param {Element} target */
  #rowAt(target) {
    const row = this.items.row(keyOf(target.closest('[data-key]')) ?? '')?.row;
    return row && canAct(row) ? row : null;
  }

  /** @param {Row} row @param {boolean} isRange */
  #select(row, isRange) {
    const rows = this.state?.rows ?? [];
    this.pressed(row, isRange ? rows.filter(canAct) : null);
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

  /** @param {PointerEvent} event */
  pointerOver(event) {
    if (event.pointerType !== 'mouse') return;
    const key = keyOf(/** @type {Element} */ (event.target).closest('[data-key]'));
    if (key === this.#hoveredKey) return;
    this.#hoveredKey = key;
    this.update();
  }

  pointerLeft() {
    this.#hoveredKey = null;
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
      people: state?.people ?? {},
      withBar: this.#selection ? [] : [this.#hoveredKey, this.focusedKey],
      bar: this.#actionBarView,
      refused: this.#refusedView,
      act,
      uploads: UPLOADS,
      unfold: (/** @type {string} */ key) => this.keepPlace(() => this.#unfold(key)),
      retry: (/** @type {Row} */ row) => this.resolveRefused(row, false),
      discard: (/** @type {Row} */ row) => this.resolveRefused(row, true),
    };
    return repeat(items, ({ key }) => key, (item) => itemView(item, context));
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
const keyOf = (row) => (row instanceof HTMLElement ? (row.dataset.key ?? null) : null);

/** @param {Element} row @param {number} stop */
function setStops(row, stop) {
  for (const inside of row.querySelectorAll('a, button, [role=slider], [role=button]')) {
    /** @type {HTMLElement} */ (inside).tabIndex = stop;
  }
}
