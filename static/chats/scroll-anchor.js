/** Within this distance of the end, the view sticks to the end. */
const NEAR_END_PX = 80;

/**
 * Keeps the visible row in place while rows are added and removed around it. The browser's own
 * scroll anchoring is off for the timeline: it loses its anchor when rows are removed at one end.
 */
export class ScrollAnchor {
  /** Whether the view is at the end and stays there. */
  sticksToEnd = true;
  /** @type {Element | null} */
  #row = null;
  #offset = 0;
  /** Of the scroller, when the position was last noted or restored. */
  #height = 0;

  /** @param {HTMLElement} scroller its rows carry `data-key` */
  constructor(scroller) {
    this.scroller = scroller;
  }

  /** Note the scroll position. @param {boolean} atEnd whether the last row shown is the newest */
  remember(atEnd) {
    // The view became lower before `restore` could follow: nobody left the end.
    if (this.sticksToEnd && this.scroller.clientHeight < this.#height) this.restore();
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#height = clientHeight;
    this.sticksToEnd = atEnd && scrollHeight - scrollTop - clientHeight <= NEAR_END_PX;
    const top = this.scroller.getBoundingClientRect().top;
    this.#row = firstEndingBelow(this.scroller.querySelectorAll('[data-key]'), top);
    this.#offset = this.#row ? this.#row.getBoundingClientRect().top - top : 0;
  }

  /** Whether the noted position still exists. */
  get canRestore() {
    return this.sticksToEnd || Boolean(this.#row?.isConnected);
  }

  /** Scroll back to the noted position, after rows or the size of the view changed. */
  restore() {
    const { scroller } = this;
    this.#height = scroller.clientHeight;
    if (this.sticksToEnd) {
      scroller.scrollTop = scroller.scrollHeight;
      return;
    }
    if (!this.#row?.isConnected) return;
    const top = scroller.getBoundingClientRect().top;
    const drift = this.#row.getBoundingClientRect().top - top - this.#offset;
    if (Math.abs(drift) >= 0.5) scroller.scrollTop += drift;
  }

  /** Scroll to the end and stick to it. */
  toEnd() {
    this.sticksToEnd = true;
    this.restore();
  }

  /** Scroll a row to a third from the top. @param {Element} row */
  toRow(row) {
    const { scroller } = this;
    const top = scroller.getBoundingClientRect().top;
    scroller.scrollTop += row.getBoundingClientRect().top - top - scroller.clientHeight / 3;
  }
}

/**
 * @param {NodeListOf<Element>} rows from top to bottom
 * @param {number} edge
 * @returns {Element | null}
 */
function firstEndingBelow(rows, edge) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].getBoundingClientRect().bottom > edge) high = middle;
    else low = middle + 1;
  }
  return rows[low] ?? null;
}
