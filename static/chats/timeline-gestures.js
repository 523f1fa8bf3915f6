/**
 * What fingers and the mouse do with rows: a long press or a right click opens the menu, a swipe or
 * a double click beside the text replies, and a press selects while messages are being selected.
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
 * @property {(target: Element) => boolean} openMenu whether there is one
 * @property {(row: Row) => void} reply
 */

const OWN_MENU = 'a, img, video, audio, input, textarea';

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
    area.addEventListener('contextmenu', (event) => this.#rightClicked(event), { signal });
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
    const isDouble = event.detail > 1 && isBesideText(event);
    if (isDouble || this.#deps.isSelecting()) event.preventDefault();
  }

  /** @param {MouseEvent} event */
  #doubleClicked(event) {
    if (!this.#deps.isSelecting() && isBesideText(event)) this.#reply(/** @type {Element} */ (event.target));
  }

  /** The browser's own menu stays for links, pictures and what is marked: there one copies and saves.
   * @param {MouseEvent} event */
  #rightClicked(event) {
    const target = /** @type {Element} */ (event.target);
    const isTouch = event instanceof PointerEvent && event.pointerType === 'touch';
    if (isTouch || this.#deps.isSelecting() || target.closest(OWN_MENU) || !getSelection()?.isCollapsed) return;
    if (this.#deps.openMenu(target)) event.preventDefault();
  }

  end() {
    this.#ended.abort();
    this.#longPress.end();
    this.#swipe.end();
  }
}

/** The margin, the time, or the space around what was written, also beside a short line.
 * @param {MouseEvent} event */
function isBesideText({ target, clientX: x, clientY: y }) {
  if (!(target instanceof Element)) return false;
  if (target.matches('li.row, .row-time, .row-body')) return true;
  if (!target.matches('.text, .text > p')) return false;
  const words = document.createRange();
  words.selectNodeContents(target);
  return ![...words.getClientRects()].some(({ left, right, top, bottom }) => x >= left && x <= right && y >= top && y <= bottom);
}
