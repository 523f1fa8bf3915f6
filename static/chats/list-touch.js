/**
 * Touch in the list of chats: a long press opens the menu of a chat, a swipe archives or mutes it.
 * Loaded after the first paint.
 *
 * @module
 */

import { LongPress } from './long-press.js';
import { mayBegin } from './swipe-reply.js';

/** A movement this long is a swipe, if it goes sideways. */
const MIN_PX = 12;
/** The finger must be lifted as far away as that. */
const ENOUGH_PX = 88;
const MAX_PX = 120;

/**
 * @typedef {object} ListTouch
 * @property {(row: HTMLElement) => void} pressed
 * @property {(row: HTMLElement) => { start: string, end: string }} words what a swipe from the start
 *   and one from the end does
 * @property {(row: HTMLElement, from: 'start' | 'end') => void} swiped
 */

/** @param {HTMLElement} list @param {ListTouch} touch @returns {() => void} ends it */
export function watchTouch(list, touch) {
  const press = new LongPress(list, (target) => {
    const row = rowOf(target);
    if (row) touch.pressed(row);
  });
  const swipe = new Swipe(list, touch);
  return () => {
    press.end();
    swipe.end();
  };
}

/** @param {EventTarget | null} target */
const rowOf = (target) => /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-row]'));

class Swipe {
  #ended = new AbortController();
  /** @type {{ id: number, row: HTMLElement, x: number, y: number, by: number } | null} */
  #move = null;
  #touch;

  /** @param {HTMLElement} list @param {ListTouch} touch */
  constructor(list, touch) {
    this.#touch = touch;
    const { signal } = this.#ended;
    list.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    list.addEventListener('pointermove', (event) => this.#moved(event), { signal });
    list.addEventListener('pointerup', (event) => this.#up(event), { signal });
    list.addEventListener('pointercancel', () => this.#reset(), { signal });
    // The finger that swiped does not open the chat.
    list.addEventListener('click', (event) => this.#clicked(event), { signal, capture: true });
  }

  #hasSwiped = false;

  /** @param {PointerEvent} event */
  #down({ target, pointerId: id, pointerType, isPrimary, clientX: x, clientY: y }) {
    this.#hasSwiped = false;
    // A second finger ends the swipe of the first.
    this.#reset();
    const row = pointerType === 'touch' && isPrimary && mayBegin(x, innerWidth) ? rowOf(target) : null;
    this.#move = row && { id, row, x, y, by: 0 };
  }

  /** @param {PointerEvent} event */
  #moved({ pointerId, clientX, clientY }) {
    const move = this.#move;
    if (move?.id !== pointerId) return;
    const by = clientX - move.x;
    if (!move.by && (Math.abs(by) < MIN_PX || Math.abs(by) < 2 * Math.abs(clientY - move.y))) return;
    if (!move.by) Object.assign(move.row.dataset, this.#attributes(move.row));
    move.by = Math.min(Math.max(by, -MAX_PX), MAX_PX);
    this.#hasSwiped = true;
    move.row.style.setProperty('--swipe', `${move.by}px`);
    move.row.dataset.swipe = this.#sideOf(move.row, move.by);
  }

  /** @param {HTMLElement} row */
  #attributes(row) {
    const { start, end } = this.#touch.words(row);
    return { swipeStart: start, swipeEnd: end };
  }

  /** The side that the finger uncovers. @param {HTMLElement} row @param {number} by
   * @returns {'start' | 'end'} */
  #sideOf(row, by) {
    const isBackwards = getComputedStyle(row).direction === 'rtl';
    return by > 0 !== isBackwards ? 'start' : 'end';
  }

  /** @param {PointerEvent} event */
  #up({ pointerId }) {
    const move = this.#move;
    if (move?.id !== pointerId) return;
    this.#reset();
    if (Math.abs(move.by) >= ENOUGH_PX) this.#touch.swiped(move.row, this.#sideOf(move.row, move.by));
  }

  #reset() {
    const row = this.#move?.row;
    this.#move = null;
    row?.style.removeProperty('--swipe');
    if (row) delete row.dataset.swipe;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const isOfFinger = this.#hasSwiped && event.detail > 0;
    this.#hasSwiped = false;
    // A key clicks, too: without a count.
    if (!isOfFinger) return;
    event.preventDefault();
    event.stopPropagation();
  }

  end() {
    this.#ended.abort();
    this.#reset();
  }
}
