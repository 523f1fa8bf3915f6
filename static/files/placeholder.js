import { thumbHashToRGBA } from '../vendor/thumbhash/thumbhash.js';

/**
 * Draw a ThumbHash over the whole of a canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {string} hash in base64; empty: nothing is drawn
 */
export function drawPlaceholder(canvas, hash) {
  if (!hash) return;
  try {
    const { w, h, rgba } = thumbHashToRGBA(bytesOf(hash));
    const small = new OffscreenCanvas(w, h);
    const pixels = new ImageData(new Uint8ClampedArray(rgba), w, h);
    small.getContext('2d')?.putImageData(pixels, 0, 0);
    canvas.getContext('2d')?.drawImage(small, 0, 0, canvas.width, canvas.height);
  } catch {
    // Not a ThumbHash: the frame stays plain.
  }
}

/** @param {string} base64 */
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
