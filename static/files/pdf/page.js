/**
 * One page of a PDF: its picture, and over it its text, which can be selected and read aloud.
 *
 * @module
 */

/** @import { PDFDocumentProxy, PDFPageProxy, RenderTask } from '../../vendor/pdfjs/pdf.min.mjs' */

import { TextLayer } from '../../vendor/pdfjs/pdf.min.mjs';

/** Browsers of phones draw nothing on a larger canvas. */
const MAX_CANVAS_PIXELS = 16_000_000;

export class Page {
  element = document.createElement('section');
  #pdf;
  #number;
  #size;
  #width = 0;
  #isNear = false;
  /** Counts what makes a drawing useless. */
  #draws = 0;
  /** @type {RenderTask | null} */
  #task = null;
  /** What pdf.js has read of the page. @type {PDFPageProxy | null} */
  #read = null;

  /**
   * @param {PDFDocumentProxy} pdf
   * @param {number} number from 1 on
   * @param {{ label: string, width: number, height: number }} expected until the page is read
   */
  constructor(pdf, number, { label, width, height }) {
    this.#pdf = pdf;
    this.#number = number;
    this.#size = { width, height };
    this.element.className = 'pdf-page';
    this.element.setAttribute('aria-label', label);
  }

  /** @param {number} width in CSS pixels */
  resize(width) {
    if (width === this.#width) return;
    this.#width = width;
    this.#place();
    if (this.#isNear) void this.#draw();
  }

  #place() {
    const { style } = this.element;
    style.width = `${this.#width}px`;
    style.height = `${(this.#width * this.#size.height) / this.#size.width}px`;
  }

  async show() {
    if (this.#isNear) return;
    this.#isNear = true;
    await this.#draw();
  }

  /** Give up the memory of the picture, and of what it was drawn from. */
  hide() {
    this.#isNear = false;
    this.#draws += 1;
    this.#task?.cancel();
    this.element.replaceChildren();
    this.#read?.cleanup();
  }

  /** The former drawing stays, stretched, until the new one is complete. */
  async #draw() {
    const draw = ++this.#draws;
    this.#task?.cancel();
    try {
      const page = await this.#pdf.getPage(this.#number);
      if (draw !== this.#draws) return;
      this.#read = page;
      this.#size = page.getViewport({ scale: 1 });
      this.#place();
      const scale = this.#width / this.#size.width;
      const viewport = page.getViewport({ scale });
      const sharp = Math.min(devicePixelRatio, Math.sqrt(MAX_CANVAS_PIXELS / (viewport.width * viewport.height)));
      const canvas = document.createElement('canvas');
      const pixels = page.getViewport({ scale: scale * sharp });
      [canvas.width, canvas.height] = [Math.floor(pixels.width), Math.floor(pixels.height)];
      this.#task = page.render({ canvas, viewport: pixels });
      await this.#task.promise;
      const text = document.createElement('div');
      text.className = 'textLayer';
      text.style.setProperty('--total-scale-factor', String(scale));
      await new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
      if (draw === this.#draws) this.element.replaceChildren(canvas, text);
    } catch {
      // Cancelled, or a broken page, which stays empty.
    }
  }
}
