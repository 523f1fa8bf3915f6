/**
 * The files of a message in its row.
 *
 * @module
 */

/** @import { FilePlace, ShownFile, UploadActions } from '../files/types.js' */

import { html, nothing } from '../shell/view.js';
import { filesOf } from './describe.js';

/** Whether the module of the elements below was asked for. */
let hasLoadedFiles = false;

function loadFiles() {
  if (hasLoadedFiles) return;
  hasLoadedFiles = true;
  // Could not be fetched: the next row tries again.
  import('../files/files-view.js').catch(() => (hasLoadedFiles = false));
}

/** Pictures in one gallery, at most. */
const MAX_SHOWN = 4;
/** A single picture, in pixels: largest width and height, least of both. */
const [MAX_WIDTH, MAX_HEIGHT, MIN_SIDE] = [440, 340, 120];

/**
 * The files of a message. The elements are defined later; all sizes are known before.
 *
 * @param {FilePlace} place
 * @param {UploadActions} uploads
 */
export function filesView(place, uploads) {
  const files = place.row.deleted ? [] : filesOf(place.row);
  if (!files.length) return nothing;
  loadFiles();
  const pictures = files.filter(({ kind }) => kind === 'image');
  const shown = pictures.slice(0, MAX_SHOWN);
  const wide = shown.length === 2 && (pictures[0].width ?? 0) > (pictures[0].height ?? 0);
  return html`<div class="files">${shown.length ? html`<div class="pictures pictures-${shown.length} ${wide ? 'pictures-wide' : ''}">${shown.map((file, index) => {
    const [width, height] = fitted(file);
    return html`<file-picture class="picture" .place=${place} .uploads=${uploads} .file=${file}
      .more=${index === MAX_SHOWN - 1 ? pictures.length - MAX_SHOWN : 0}><canvas width=${width} height=${height} aria-hidden="true"></canvas></file-picture>`;
  })}</div>` : nothing}${files.map((file) => fileView(file, place, uploads))}</div>`;
}

/** @param {ShownFile} file @param {FilePlace} place @param {UploadActions} uploads */
function fileView(file, place, uploads) {
  if (file.kind === 'image') return nothing;
  return ['audio', 'voice', 'video'].includes(file.kind)
    ? html`<file-player class="file file-${file.kind}" .place=${place} .uploads=${uploads} .file=${file}></file-player>`
    : html`<file-chip class="file" .place=${place} .uploads=${uploads} .file=${file}></file-chip>`;
}

/** Width and height of a single picture here. @param {ShownFile} file */
function fitted({ width = 0, height = 0 }) {
  const [w, h] = width && height ? [width, height] : [4, 3];
  const scale = Math.min(MAX_WIDTH / w, MAX_HEIGHT / h, width ? 1 : Infinity);
  return [w, h].map((side) => Math.max(MIN_SIDE, Math.round(side * scale)));
}
