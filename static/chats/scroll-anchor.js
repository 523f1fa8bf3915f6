/** Nearer to the end than this, a reader wants to stay at the end. */
const NEAR_END_PX = 80;

/**
 * Keeps what the reader looks at in its place while rows come and go around it. The browser's own
 * anchoring is switched off for the timeline: it loses hold when rows leave at one end.
 */
export class ScrollAnchor {
  /** Whether the view stands at the end and stays there. */
  sticksToEnd = true;
  /** @type {Element | null} */
  #row = null;
  #offset = 0;

  /** @param {HTMLElement} scroller its rows carry `data-key` */
  constructor(scroller) {
    this.scroller = scroller;
  }

  /** Look where the reader is. @param {boolean} atEnd whether the last row shown is the newest */
  remember(atEnd) {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.sticksToEnd = atEnd && scrollHeight - scrollTop - clientHeight <= NEAR_END_PX;
    const top = this.scroller.getBoundingClientRect().top;
    this.#row = firstEndingBelow(this.scroller.querySelectorAll('[data-key]'), top);
    this.#offset = this.#row ? this.#row.getBoundingClientRect().top - top : 0;
  }

  /** Whether there is still what to hold on to. */
  get canRestore() {
    return this.sticksToEnd || Boolean(this.#row?.isConnected);
  }

  /** Bring it back there, after a change of the rows or of the size of the view. */
  restore() {
    const { scroller } = this;
    if (this.sticksToEnd) {
      scroller.scrollTop = scroller.scrollHeight;
      return;
    }
    if (!this.#row?.isConnected) return;
    const top = scroller.getBoundingClientRect().top;
    const drift = this.#row.getBoundingClientRect().top - top - this.#offset;
    if (Math.abs(drift) >= 0.5) scroller.scrollTop += drift;
  }

  /** Go to the end and stay. */
  toEnd() {
    this.sticksToEnd = true;
    this.restore();
  }

  /** Bring a row into view, a third from the top. @param {Element} row */
  toRow(row) {
    const { scroller } = this;
    const top = scroller.getBoundingClientRect().top;
    scroller.scrollTop += row.getBoundingClientRect().top - top - scroller.clientHeight / 3;
  }
}

/** @param {NodeListOf<Element>} rows in order @param {number} edge @returns {Element | null} */
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
