/**
 * Which variant of a picture to load, and whether to load it before the reader asks. No DOM.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */
/** @import { Variant } from './types.js' */

/** @typedef {'always' | 'good' | 'never'} LoadPictures */
/** @typedef {{ saveData?: boolean, effectiveType?: string }} Network `navigator.connection` */

/** @param {Network | undefined} network */
export const isGood = (network) =>
  !network?.saveData && !/^(slow-)?2g$|^3g$/.test(network?.effectiveType ?? '');

/**
 * `saving`: take few bytes.
 *
 * @param {LoadPictures} chosen
 * @param {Network | undefined} network
 */
export function loadingPolicy(chosen, network) {
  const good = isGood(network);
  return { loads: chosen === 'always' || (chosen === 'good' && good), saving: chosen === 'never' || !good };
}

/**
 * The variant with the fewest bytes that is sharp at a size; while saving, with the fewest of all.
 * An animated picture moves in its variant `full` only.
 *
 * @param {Pick<File, 'variants' | 'width' | 'height' | 'animated'>} file
 * @param {{ width: number, height: number }} shown in device pixels; the picture covers it
 * @param {boolean} saving
 * @returns {Variant | undefined}
 */
export function chooseVariant({ variants, width = 0, height = 0, animated = false }, shown, saving) {
  const bySize = [...variants].sort((a, b) => a.size - b.size);
  if (saving) return bySize[0];
  if (animated) return bestVariant(variants);
  const scale = Math.max(shown.width / (width || 1), shown.height / (height || 1));
  const needed = Math.min(1, scale) * width;
  // A tenth less is not seen.
  return bySize.find((one) => (one.width ?? 0) >= needed * 0.9) ?? bestVariant(variants);
}

/** The bytes that one gets of a file: those of a picture are not its upload's.
 * @param {Pick<File, 'variants' | 'size'>} file */
export const downloadSize = ({ variants, size }) => bestVariant(variants)?.size ?? size;

/**
 * The variant of the best quality. Of a small picture all have the same pixels, and only `full` moves.
 *
 * @param {Variant[]} variants
 * @returns {Variant | undefined}
 */
export const bestVariant = (variants) =>
  variants.find(({ name }) => name === 'full') ??
  [...variants].sort((a, b) => (b.width ?? 0) - (a.width ?? 0) || b.size - a.size)[0];
