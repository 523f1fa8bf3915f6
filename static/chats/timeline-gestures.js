/**
 * What fingers and the mouse do with rows: a long press opens the menu, a swipe or a double click
 * beside the text replies, and a press selects while messages are being selected.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */

import { LongPress } from './long-press.js';
import { SwipeReply } from './swipe-reply.js';

/**
 * @typedef {object} GesturesDeps
 * @property {(target: Element) => Row | null} rowAt the message there, on which one can act
 * @property {() => boolean} isSelecting
 * @property {(row: Row, isRange: boolean) => void} select
 * @property {(target: Element) => void} openMenu
 * @property {(row: Row) => void} reply
 */

export class TimelineGestures {
  #ended = new AbortController();
  #longPress;
  #swipe;
  #deps;

  /** @param {HTMLElement} area @param {GesturesDeps} deps */
  constructor(area, deps) {
    this.#deps = deps;
    const { signal } = this.#ended;
    this.#longPress = new LongPress(area, (target) => !deps.isSelecting() && deps.openMenu(target));
    this.#swipe = new SwipeReply(
      area,
      (target) => (!deps.isSelecting() && deps.rowAt(target) ? target.closest('li.row') : null),
      (element) => this.#reply(element),
    );
    area.addEventListener('click', (event) => this.#clicked(event), { signal, capture: true });
    area.addEventListener('mousedown', (event) => this.#pressed(event), { signal });
    area.addEventListener('dblclick', (event) => this.#doubleClicked(event), { signal });
  }

  /** @param {Element} target */
  #reply(target) {
    const row = this.#deps.rowAt(target);
    if (row) this.#deps.reply(row);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    if (!this.#deps.isSelecting()) return;
    // Nothing else in a row works meanwhile.
    event.preventDefault();
    event.stopPropagation();
    const row = this.#deps.rowAt(/** @type {Element} */ (event.target));
    if (row) this.#deps.select(row, event.shiftKey);
  }

  /** A double click beside the text, or a range of rows, selects no words. @param {MouseEvent} event */
  #pressed(event) {
    const isDouble = event.detail > 1 && isBesideText(event.target);
    if (isDouble || this.#deps.isSelecting()) event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #doubleClicked({ target }) {
    if (!this.#deps.isSelecting() && isBesideText(target)) this.#reply(/** @type {Element} */ (target));
  }

  end() {
    this.#ended.abort();
    this.#longPress.end();
    this.#swipe.end();
  }
}

/** The margin, the time, or the space around what was written. @param {EventTarget | null} target */
const isBesideText = (target) =>
  target instanceof Element && target.matches('li.row, .row-time, .row-body');
