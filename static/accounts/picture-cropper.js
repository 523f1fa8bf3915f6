/**
 * `<picture-cropper>`: choose the square part of a picture by mouse, touch or keys.
 *
 * @module
 */

import { View, html } from '../shell/view.js';
import { t } from '../shell/words.js';
import { Crop } from './crop.js';

/** Twice the largest place in which a picture is shown, and more than most screens need there. */
const SIDE_PX = 512;
const KEY_STEP = 0.05;
const ZOOM_STEP = 1.2;
const QUALITY = 0.9;

/** @type {Record<string, [number, number]>} */
const MOVES = {
  ArrowLeft: [-KEY_STEP, 0],
  ArrowRight: [KEY_STEP, 0],
  ArrowUp: [0, -KEY_STEP],
  ArrowDown: [0, KEY_STEP],
};

export class PictureCropper extends View {
  /** @type {ImageBitmap | null} */
  bitmap = null;
  /** @type {Crop | null} */
  #crop = null;
  /** @type {Map<number, { x: number, y: number }>} pointers that are down, by id */
  #pointers = new Map();

  start() {
    if (this.bitmap) this.#crop = new Crop(this.bitmap);
    this.draw();
    const stage = this.#canvas;
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    for (const kind of ['pointerup', 'pointercancel']) {
      stage.addEventListener(kind, (event) => {
        this.#pointers.delete(/** @type {PointerEvent} */ (event).pointerId);
      });
    }
    stage.focus();
  }

  get #canvas() {
    return /** @type {HTMLCanvasElement} */ (this.querySelector('canvas'));
  }

  /** The chosen part. @returns {Promise<Blob>} */
  async blob() {
    const webp = await this.#encoded('image/webp');
    // Browsers that cannot write WebP return a PNG.
    if (webp.type === 'image/webp') return webp;
    this.#fillTransparent();
    return this.#encoded('image/jpeg');
  }

  /** JPEG has no transparency: without a colour, it would be black. */
  #fillTransparent() {
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, SIDE_PX, SIDE_PX);
    context.globalCompositeOperation = 'source-over';
  }

  /** @param {string} type @returns {Promise<Blob>} */
  #encoded(type) {
    return new Promise((resolve, reject) => {
      this.#canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no blob'))), type, QUALITY);
    });
  }

  /** A place in the square, as a fraction of it. @param {{ clientX: number, clientY: number }} event */
  #place({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }

  /** @param {number} zoom @param {{ x: number, y: number }} [at] */
  #zoom(zoom, at) {
    this.#crop?.zoomTo(zoom, at);
    this.update();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    this.#zoom((this.#crop?.zoom ?? 1) * Math.exp(-event.deltaY / 300), this.#place(event));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#place(event));
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    const crop = this.#crop;
    if (!before || !crop) return;
    const now = this.#place(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other) {
      const by = distance(now, other) / (distance(before, other) || 1);
      this.#zoom(crop.zoom * by, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      return;
    }
    crop.drag(now.x - before.x, now.y - before.y);
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const move = MOVES[event.key];
    const crop = this.#crop;
    if (!crop || event.ctrlKey || event.metaKey || event.altKey) return;
    if (move) crop.drag(...move);
    else if (event.key === '+') crop.zoomTo(crop.zoom * ZOOM_STEP);
    else if (event.key === '-') crop.zoomTo(crop.zoom / ZOOM_STEP);
    else return;
    event.preventDefault();
    this.update();
  }

  draw() {
    super.draw();
    const context = this.#canvas.getContext('2d');
    if (!context || !this.bitmap || !this.#crop) return;
    const { x, y, side } = this.#crop.square;
    context.clearRect(0, 0, SIDE_PX, SIDE_PX);
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.bitmap, x, y, side, side, 0, 0, SIDE_PX, SIDE_PX);
  }

  view() {
    const { zoom = 1, maxZoom = 1 } = this.#crop ?? {};
    return html`<div class="crop"><canvas width=${SIDE_PX} height=${SIDE_PX} tabindex="0" role="img"
        aria-label=${t('The part of the picture that is used')} aria-describedby="crop-hint"
        @keydown=${this.#key} @pointerdown=${this.#down} @pointermove=${this.#move}></canvas></div>
      <p class="crop-hint" id="crop-hint">${t('Drag the picture, or move it with the arrow keys. Zoom with the slider, the wheel, two fingers, or + and −.')}</p>
      <label class="field crop-zoom"><b>${t('Zoom')}</b>
        <input type="range" min="1" max=${maxZoom} step="0.05" .value=${String(zoom)}
          @input=${(/** @type {Event} */ event) => this.#zoom(Number(/** @type {HTMLInputElement} */ (event.target).value))}></label>`;
  }
}

/** @param {{ x: number, y: number }} a @param {{ x: number, y: number }} b */
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

customElements.define('picture-cropper', PictureCropper);
