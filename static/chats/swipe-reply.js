/**
 * Swiping a row towards the end of its line replies to it, by touch. Scrolling stays the browser's:
 * the style sheet leaves only vertical panning to it (`touch-action`).
 *
 * @module
 */

/** From where the finger is let go, it is a reply. */
const REPLY_PX = 56;
const MAX_PX = 80;
/** Less than this is a tap that trembles. */
const STARTS_PX = 12;
/** There the browser goes back or forward. */
const EDGE_PX = 28;
/** What is moved sideways itself. */
const MOVABLE = 'input, [role=slider], .picture, file-player';

/**
 * How far a row is moved; 0 while the movement is not a swipe.
 *
 * @param {{ x: number, y: number }} by how far the finger has moved, x towards the end of the line
 */
export function swipedBy({ x, y }) {
  if (x < STARTS_PX || x < 2 * Math.abs(y)) return 0;
  return Math.min(x - STARTS_PX, MAX_PX);
}

/** Whether a touch may begin a swipe. @param {number} x @param {number} width of the window */
export const mayBegin = (x, width) => x > EDGE_PX && x < width - EDGE_PX;

export class SwipeReply {
  #ended = new AbortController();
  /** @type {{ id: number, x: number, y: number, row: HTMLElement } | null} */
  #touch = null;
  /** How far the row is moved. */
  #by = 0;
  #replied;

  /**
   * @param {HTMLElement} area
   * @param {(target: Element) => HTMLElement | null} rowAt the row to reply to
   * @param {(row: HTMLElement) => void} replied
   */
  constructor(area, rowAt, replied) {
    const { signal } = this.#ended;
    this.#replied = replied;
    area.addEventListener('pointerdown', (event) => this.#down(event, rowAt), { signal });
    area.addEventListener('pointermove', (event) => this.#moved(event), { signal });
    area.addEventListener('pointerup', (event) => this.#up(event), { signal });
    area.addEventListener('pointercancel', () => this.#release(), { signal });
  }

  /** @param {PointerEvent} event @param {(target: Element) => HTMLElement | null} rowAt */
  #down({ pointerId: id, pointerType, isPrimary, clientX: x, clientY: y, target }, rowAt) {
    this.#release();
    const from = /** @type {Element} */ (target);
    if (pointerType !== 'touch' || !isPrimary || !mayBegin(x, innerWidth) || from.closest(MOVABLE)) return;
    const row = rowAt(from);
    if (row) this.#touch = { id, x, y, row };
  }

  /** @param {PointerEvent} event */
  #moved({ pointerId, clientX, clientY }) {
    if (this.#touch?.id !== pointerId) return;
    const { x, y, row } = this.#touch;
    const sign = getComputedStyle(row).direction === 'rtl' ? -1 : 1;
    // Once it is a swipe, the finger may stray.
    const by = { x: (clientX - x) * sign, y: this.#by ? 0 : clientY - y };
    const before = this.#by;
    this.#by = swipedBy(by);
    if (!this.#by && !before) return;
    row.toggleAttribute('data-swiped', this.#by > 0);
    row.toggleAttribute('data-replies', this.#by >= REPLY_PX);
    row.style.setProperty('--swiped', `${this.#by * sign}px`);
  }

  /** @param {PointerEvent} event */
  #up({ pointerId }) {
    if (this.#touch?.id !== pointerId) return;
    const { row } = this.#touch;
    const isReply = this.#by >= REPLY_PX;
    this.#release();
    if (isReply) this.#replied(row);
  }

  #release() {
    const row = this.#touch?.row;
    this.#touch = null;
    this.#by = 0;
    row?.removeAttribute('data-swiped');
    row?.removeAttribute('data-replies');
    row?.style.removeProperty('--swiped');
  }

  end() {
    this.#ended.abort();
  }
}
