/**
 * Files that the server has, to be sent once more without another upload.
 *
 * @module
 */

/** @import { ExistingFile } from '../realtime/contract.js' */
/** @import { File } from '../realtime/wire.js' */

import { Http } from '../realtime/both/http.js';
import { uuid } from '../realtime/both/platform.js';
import { addUrl } from './local-files.js';

/** @param {File} file @returns {ExistingFile} a use of it */
export const existingFile = ({ id: file, kind, name, type, size, width = 0, height = 0 }) =>
  ({ id: uuid(), file, kind, name, type, size, width, height });

const http = new Http(location.origin, () => {});

/** A small picture of one's own file. @param {ExistingFile} use */
export function showThumbnail(use) {
  if (use.kind !== 'image') return;
  showMeanwhile(use, http.bytes(`/files/${use.file}/content/thumbnail`, new AbortController().signal));
}

/**
 * Show a picture until the server confirms the message. One that cannot be loaded is not shown.
 *
 * @param {ExistingFile} use
 * @param {Promise<Blob>} content
 */
export const showMeanwhile = ({ id }, content) => void content.then((blob) => addUrl(id, blob), () => {});
