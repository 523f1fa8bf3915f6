/**
 * Contents of files as object URLs. The owner fetches and stores them (worker/files.js).
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */
/** @import { FilePlace } from './types.js' */

import { connect } from '../realtime/client.js';

/**
 * @param {FilePlace} place
 * @param {Pick<File, 'id'>} file
 * @param {string} variant
 * @returns {Promise<Blob>} rejects with a ParleyError
 */
export function loadContent({ chat, row }, { id }, variant) {
  return connect().request('file', { chat, seq: row.seq ?? 0, file: id, variant });
}

/**
 * An object URL of a picture that the browser can draw. Where it cannot draw a format (AVIF in older
 * browsers), the variant `full`, which all can.
 *
 * @param {FilePlace} place
 * @param {File} file
 * @param {string} variant
 * @returns {Promise<string>} the caller revokes it
 */
export async function loadPicture(place, file, variant) {
  const url = URL.createObjectURL(await loadContent(place, file, variant));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return url;
  } catch (error) {
    URL.revokeObjectURL(url);
    if (variant === 'full' || !file.variants.some(({ name }) => name === 'full')) throw error;
    return loadPicture(place, file, 'full');
  }
}
