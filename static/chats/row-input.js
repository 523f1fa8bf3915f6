/**
 * What keys, the mouse and fingers do in a list of message rows. Loaded after the first paint.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { MessageRows } from './message-rows.js' */

import { keyOf } from './message-rows.js';
import { canAct } from './row.js';
import { TimelineGestures } from './timeline-gestures.js';

export class RowInput {
  #ended = new AbortController();
  #gestures;
  #list;

  /** @param {MessageRows} list */
  constructor(list) {
    this.#list = list;
    const { scroller } = list;
    const { signal } = this.#ended;
    scroller.addEventListener('keydown', (event) => this.#key(event), { signal });
    scroller.addEventListener('pointerover', (event) => this.#pointerOver(event), { signal });
    scroller.addEventListener('pointerleave', () => this.#hover(null), { signal });
    this.#gestures = new TimelineGestures(scroller, {
      rowAt: (target) => this.#rowAt(target),
      isSelecting: () => list.selection !== null,
      select: (row, isRange) => this.#select(row, isRange),
      openMenu: (target) => this.#openMenu(target),
      reply: (row) => list.state?.chat?.writable && list.act('reply', row),
    });
  }

  end() {
    this.#ended.abort();
    this.#gestures.end();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const list = this.#list;
    if (event.target !== list.rowOf(list.items.tabStop ?? '')) return;
    const row = list.selection && this.#rowAt(/** @type {Element} */ (event.target));
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
    const key = list.items.step(by);
    list.draw();
    const next = key && list.rowOf(key);
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }

  /** Open the menu of the row that contains `target`. @param {Element} target @returns {boolean} */
  #openMenu(target) {
    const row = this.#rowAt(target);
    const element = target.closest('[data-key]');
    if (!element || !row) return false;
    this.#list.act('openMenu', row, element.querySelector('.row-body') ?? element);
    return true;
  }

  /** The message that contains `target`, if one can act on it. @param {Element} target */
  #rowAt(target) {
    const row = this.#list.items.row(keyOf(target.closest('[data-key]')) ?? '')?.row;
    return row && canAct(row) ? row : null;
  }

  /** @param {Row} row @param {boolean} isRange */
  #select(row, isRange) {
    const rows = this.#list.state?.rows ?? [];
    this.#list.pressed(row, isRange ? rows.filter(canAct) : null);
  }

  /** @param {PointerEvent} event */
  #pointerOver(event) {
    if (event.pointerType === 'mouse') this.#hover(keyOf(/** @type {Element} */ (event.target).closest('[data-key]')));
  }

  /** @param {string | null} key of the row that is under the mouse now */
  #hover(key) {
    if (key === this.#list.hoveredKey) return;
    this.#list.hoveredKey = key;
    this.#list.update();
  }
}
