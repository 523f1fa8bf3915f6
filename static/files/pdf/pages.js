/**
 * The pages of a PDF, below each other. Only those near the window are drawn.
 *
 * @module
 */

/** @import { PDFDocumentProxy } from '../../vendor/pdfjs/pdf.min.mjs' */
/** @import { Shown } from './messages.js' */

import { Page } from './page.js';

const ZOOM_STEP = 1.25;
const MIN_ZOOM = 0.5;
const MAX_ZOOM = 6;
/** Wider pages are hard to read: a page that fits is at most this wide, in CSS pixels. */
const MAX_FIT_PX = 960;
const EDGE_PX = 12;
/** Part of the window that stays when it is scrolled by a window. */
const OVERLAP = 0.1;

export class Pages {
  #pdf;
  #label;
  #changed;
  #zoom = 1;
  /** @type {Page[]} */
  #pages = [];
  /** @type {Shown | null} */
  #told = null;

  /**
   * @param {PDFDocumentProxy} pdf
   * @param {{ label: string, changed: (shown: Shown) => void }} options `label`: of a page, with
   *   `{page}` for its number
   */
  constructor(pdf, { label, changed }) {
    this.#pdf = pdf;
    this.#label = label;
    this.#changed = changed;
  }

  /** Show the first page. Rejects if it cannot be read. */
  async start() {
    const first = (await this.#pdf.getPage(1)).getViewport({ scale: 1 });
    for (let number = 1; number <= this.#pdf.numPages; number += 1) {
      const label = this.#label.replace('{page}', String(number));
      this.#pages.push(new Page(this.#pdf, number, { label, width: first.width, height: first.height }));
    }
    this.#resize();
    document.body.append(...this.#pages.map(({ element }) => element));
    this.#watch();
    this.#tell();
  }

  #watch() {
    const near = new IntersectionObserver((entries) => this.#moved(entries), { rootMargin: '100%' });
    for (const { element } of this.#pages) near.observe(element);
    window.addEventListener('scroll', () => this.#tell(), { passive: true });
    window.addEventListener('resize', () => this.#resize());
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #moved(entries) {
    for (const { target, isIntersecting } of entries) {
      const page = this.#pages.find(({ element }) => element === target);
      if (isIntersecting) void page?.show();
      else page?.hide();
    }
  }

  /** @param {number} by steps; 0 for the width of the window */
  zoom(by) {
    const zoom = by ? this.#zoom * ZOOM_STEP ** by : 1;
    this.#zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, Math.abs(zoom - 1) < 0.01 ? 1 : zoom));
    this.#resize();
  }

  /** Give the pages their sizes; the place in the document stays. */
  #resize() {
    const root = document.documentElement;
    const [down, across] = [root.scrollTop / root.scrollHeight, middle(root)];
    const fit = Math.min(root.clientWidth - 2 * EDGE_PX, MAX_FIT_PX);
    for (const page of this.#pages) page.resize(fit * this.#zoom);
    root.scrollTop = down * root.scrollHeight;
    root.scrollLeft = across * root.scrollWidth - root.clientWidth / 2;
    this.#tell();
  }

  /** @param {number} number of a page, from 1 on */
  go(number) {
    const page = this.#pages[Math.min(this.#pages.length, Math.max(1, number)) - 1];
    page?.element.scrollIntoView({ block: 'start' });
  }

  /** @param {number} by parts of the window */
  scroll(by) {
    const step = Math.abs(by) < 1 ? by : by - Math.sign(by) * OVERLAP;
    window.scrollBy(0, step * document.documentElement.clientHeight);
  }

  /** The page in the upper third of the window. */
  #current() {
    const line = document.documentElement.clientHeight / 3;
    const at = this.#pages.findIndex(({ element }) => element.getBoundingClientRect().bottom > line);
    return at < 0 ? this.#pages.length : at + 1;
  }

  #tell() {
    if (!this.#pages[0]?.element.isConnected) return;
    const shown = { page: this.#current(), pages: this.#pages.length, scale: this.#zoom };
    if (JSON.stringify(shown) === JSON.stringify(this.#told)) return;
    this.#told = shown;
    this.#changed(shown);
  }
}

/** The middle of the window, as a part of the width. @param {HTMLElement} root */
const middle = (root) => (root.scrollLeft + root.clientWidth / 2) / root.scrollWidth;
