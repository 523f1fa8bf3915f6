/** A row counts as read after it was visible for this long in a focused tab. */
const READ_AFTER_MS = 500;

const isFocused = () => document.visibilityState === 'visible' && document.hasFocus();

/** Finds the newest row that the reader has seen. */
export class ReadTracker {
  /** @type {Map<Element, number>} when each visible row came into view */
  #visibleSince = new Map();
  /** @type {WeakSet<Element>} */
  #watched = new WeakSet();
  #focusedSince = isFocused() ? performance.now() : Infinity;
  #highest = 0;
  #isCovered = false;
  #timer = 0;
  #ended = new AbortController();
  #observer;
  #report;

  /**
   * @param {Element} scroller
   * @param {(seq: number) => void} report called with the highest seq read, each time it grows
   */
  constructor(scroller, report) {
    this.#report = report;
    this.#observer = new IntersectionObserver((entries) => this.#visibilityChanged(entries), {
      root: scroller,
      threshold: [0, 0.25, 0.5, 0.75, 1],
    });
    const { signal } = this.#ended;
    for (const kind of ['focus', 'blur']) {
      addEventListener(kind, () => this.#focusChanged(), { signal });
    }
    document.addEventListener('visibilitychange', () => this.#focusChanged(), { signal });
  }

  /** @param {Iterable<Element>} rows with `data-seq`; rows that are already watched are skipped */
  watch(rows) {
    for (const row of rows) {
      if (this.#watched.has(row)) continue;
      this.#watched.add(row);
      this.#observer.observe(row);
    }
  }

  /** Whether something lies over the rows: then none of them is seen. @param {boolean} is */
  set covered(is) {
    if (is === this.#isCovered) return;
    this.#isCovered = is;
    this.#focusChanged();
  }

  get #isLooking() {
    return isFocused() && !this.#isCovered;
  }

  end() {
    this.#ended.abort();
    this.#observer.disconnect();
    clearTimeout(this.#timer);
  }

  #focusChanged() {
    this.#focusedSince = this.#isLooking ? Math.min(this.#focusedSince, performance.now()) : Infinity;
    this.#schedule();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #visibilityChanged(entries) {
    for (const entry of entries) {
      if (!entry.target.isConnected) this.#observer.unobserve(entry.target);
      if (!isInSight(entry)) this.#visibleSince.delete(entry.target);
      else if (!this.#visibleSince.has(entry.target)) this.#visibleSince.set(entry.target, performance.now());
    }
    this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    const waiting = [...this.#visibleSince].filter(([row]) => seqOf(row) > this.#highest);
    if (!waiting.length || this.#focusedSince === Infinity) return;
    const first = Math.min(...waiting.map(([, since]) => since));
    const due = Math.max(first, this.#focusedSince) + READ_AFTER_MS - performance.now();
    this.#timer = setTimeout(() => this.#reportRead(), Math.max(0, due));
  }

  #reportRead() {
    if (!this.#isLooking) return;
    const before = performance.now() - READ_AFTER_MS;
    const read = [...this.#visibleSince].filter(([, since]) => Math.max(since, this.#focusedSince) <= before);
    const highest = Math.max(this.#highest, ...read.map(([row]) => seqOf(row)));
    if (highest > this.#highest) {
      this.#highest = highest;
      this.#report(highest);
    }
    this.#schedule();
  }
}

/**
 * Half of the row is visible, or the row fills half of the view.
 *
 * @param {IntersectionObserverEntry} entry
 */
function isInSight({ isIntersecting, intersectionRatio, intersectionRect, rootBounds }) {
  if (!isIntersecting) return false;
  return intersectionRatio >= 0.5 || intersectionRect.height >= (rootBounds?.height ?? 0) / 2;
}

/** @param {Element} row */
const seqOf = (row) => Number(/** @type {HTMLElement} */ (row).dataset.seq ?? 0);
