/**
 * The square part of a picture that is used. No DOM.
 *
 * @module
 */

const MAX_ZOOM = 8;

export class Crop {
  /** 1: the largest square. */
  zoom = 1;
  /** @type {number} */
  #x;
  /** @type {number} */
  #y;
  #width;
  #height;

  /** @param {{ width: number, height: number }} picture in pixels */
  constructor({ width, height }) {
    this.#width = width;
    this.#height = height;
    [this.#x, this.#y] = [width / 2, height / 2];
  }

  get maxZoom() {
    return MAX_ZOOM;
  }

  /** The square, in pixels of the picture. */
  get square() {
    const side = Math.min(this.#width, this.#height) / this.zoom;
    return { x: this.#x - side / 2, y: this.#y - side / 2, side };
  }

  /**
   * @param {number} zoom
   * @param {{ x: number, y: number }} [at] what stays in its place, as a fraction of the square
   */
  zoomTo(zoom, at = { x: 0.5, y: 0.5 }) {
    const before = this.square;
    this.zoom = Math.min(Math.max(zoom, 1), MAX_ZOOM);
    const lost = before.side - this.square.side;
    this.#place(this.#x + (at.x - 0.5) * lost, this.#y + (at.y - 0.5) * lost);
  }

  /** Drag the picture below the square. @param {number} x @param {number} y fractions of the square */
  drag(x, y) {
    const { side } = this.square;
    this.#place(this.#x - x * side, this.#y - y * side);
  }

  /** The square never leaves the picture. @param {number} x @param {number} y its middle */
  #place(x, y) {
    const half = this.square.side / 2;
    this.#x = Math.min(Math.max(x, half), this.#width - half);
    this.#y = Math.min(Math.max(y, half), this.#height - half);
  }
}
