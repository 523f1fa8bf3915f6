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
  /** Where the view was, and how far down it could go, when that was last noted or restored. */
  #top = 0;
  #end = 0;
  /** What the view holds. @type {WeakSet<Element>} */
  #watched = new WeakSet();
  /** Rows grow without being drawn: their styles, a picture or a font arrive late. */
  #observer = new ResizeObserver(() => this.restore());

  /** @param {HTMLElement} scroller its rows carry `data-key` */
  constructor(scroller) {
    this.scroller = scroller;
    this.#observer.observe(scroller);
  }

  /** The view is gone. */
  end() {
    this.#observer.disconnect();
  }

  /** Note the scroll position. @param {boolean} atEnd whether the last row shown is the newest */
  remember(atEnd) {
    const { scroller } = this;
    // The view became lower, or its content higher, before `restore` could follow: nobody left the end.
    if (this.sticksToEnd && endOf(scroller) > this.#end && scroller.scrollTop >= this.#top) this.restore();
    this.#note();
    this.sticksToEnd = atEnd && this.#end - this.#top <= NEAR_END_PX;
    const top = topOf(scroller);
    this.#row = firstEndingBelow(scroller.querySelectorAll('[data-key]'), top);
    if (this.#row) this.#offset = topOf(this.#row) - top;
  }

  /** Whether the noted position still exists. */
  get canRestore() {
    return this.sticksToEnd || Boolean(this.#row?.isConnected);
  }

  /** Scroll back to the noted position, after rows or the size of the view changed. */
  restore() {
    const { scroller } = this;
    if (this.sticksToEnd) {
      scroller.scrollTop = scroller.scrollHeight;
    } else if (this.#row?.isConnected) {
      const drift = topOf(this.#row) - topOf(scroller) - this.#offset;
      if (Math.abs(drift) >= 0.5) scroller.scrollTop += drift;
    }
    this.#note();
  }

  #note() {
    const { children, scrollTop } = this.scroller;
    this.#top = scrollTop;
    this.#end = endOf(this.scroller);
    for (const each of children) {
      // One that is observed twice would be reported again.
      if (this.#watched.has(each)) continue;
      this.#watched.add(each);
      this.#observer.observe(each);
    }
  }

  /** Scroll to the end and stick to it. */
  toEnd() {
    this.sticksToEnd = true;
    this.restore();
  }

  /** Scroll to the beginning, and stay there. */
  toStart() {
    this.sticksToEnd = false;
    this.scroller.scrollTop = 0;
    this.remember(false);
  }

  /** Scroll a row to a third from the top. @param {Element} row */
  toRow(row) {
    const { scroller } = this;
    this.sticksToEnd = false;
    scroller.scrollTop += topOf(row) - topOf(scroller) - scroller.clientHeight / 3;
  }
}

/** @param {Element} element */
const topOf = (element) => element.getBoundingClientRect().top;

/** The lowest position of a view. @param {Element} view */
const endOf = ({ scrollHeight, clientHeight }) => scrollHeight - clientHeight;

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
