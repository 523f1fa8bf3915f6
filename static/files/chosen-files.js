/**
 * Files that a person chose, dropped or pasted, as the owner takes them: checked against the limits,
 * and with the size of pictures.
 *
 * @module
 */

/** @import { ChosenFile, ExistingFile, FileKind, PendingFile } from '../realtime/contract.js' */
/** @import { Limits } from '../realtime/wire.js' */

import { uuid } from '../realtime/both/platform.js';
import { t, tn } from '../shell/words.js';
import { cleanName, sizeText } from './file-texts.js';
import { addUrl } from './local-files.js';

/** A picture that takes longer to be read is shown without its size. */
const MEASURE_TIMEOUT_MS = 1000;

/**
 * The files that a message may have, and why the others are refused.
 *
 * @template {{ name: string, size: number }} F
 * @param {F[]} files
 * @param {number} present how many the message has already
 * @param {Limits | null} limits null while they are not known
 * @returns {{ taken: F[], refused: string }}
 */
export function checked(files, present, limits) {
  const { file_bytes = Infinity, files: most = Infinity } = limits ?? {};
  const reasons = [];
  const possible = files.filter(({ name: given, size }) => {
    const name = cleanName(given);
    if (size > 0 && size <= file_bytes) return true;
    reasons.push(
      size ? t('“{name}” is too large. A file may have up to {size}.', { name, size: sizeText(file_bytes) })
        : t('“{name}” is empty or a folder.', { name }),
    );
    return false;
  });
  const taken = possible.slice(0, Math.max(0, most - present));
  if (taken.length < possible.length) {
    const names = possible.slice(taken.length).map(({ name }) => `“${cleanName(name)}”`).join(', ');
    reasons.push(tn('A message may have {n} file.', 'A message may have up to {n} files.', most), t('Not added: {names}.', { names }));
  }
  return { taken, refused: reasons.join(' ') };
}

/** Its size is not known yet. @param {File} file @returns {ChosenFile} */
export const chosenFile = (file) => ({
  id: uuid(), blob: file, kind: kindOf(file.type), name: cleanName(file.name) || t('file'), width: 0, height: 0,
  voice: null,
});

/** As the owner shows it at first. @param {ChosenFile | ExistingFile} file @returns {PendingFile} */
export function pendingFile(file) {
  const { id, kind, name, width, height } = file;
  const { size, type } = 'blob' in file ? file.blob : file;
  const shown = { upload: id, kind, name, type, size, url: '', width, height, problem: '', canBeFile: false, stored: true };
  return 'blob' in file ? { ...shown, sent: 0, state: 'waiting' } : { ...shown, sent: size, state: 'ready' };
}

/** @param {ChosenFile} file @returns {Promise<ChosenFile>} with its size */
export async function measured(file) {
  if (file.kind !== 'image') return file;
  const size = await sizeOf(addUrl(file.id, file.blob));
  return size.width ? { ...file, ...size } : unmeasured(file);
}

/** A picture whose size is not known is shown like any other file. @param {ChosenFile} file @returns {ChosenFile} */
export const unmeasured = (file) => (file.kind === 'image' ? { ...file, kind: 'file' } : file);

/** An SVG is a document with scripts, not a picture. @param {string} type */
const isPicture = (type) => type.startsWith('image/') && !type.startsWith('image/svg');

/** @param {string} type media type @returns {FileKind} */
function kindOf(type) {
  if (isPicture(type)) return 'image';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  return type === 'application/pdf' || type === 'text/plain' ? 'document' : 'file';
}

/** The size of a picture in pixels; 0 when it is not known. @param {string} url */
function sizeOf(url) {
  const image = new Image();
  /** @type {Promise<{ width: number, height: number }>} */
  const size = new Promise((resolve) => {
    const settle = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
    image.onload = image.onerror = settle;
    setTimeout(settle, MEASURE_TIMEOUT_MS);
  });
  image.src = url;
  return size;
}
