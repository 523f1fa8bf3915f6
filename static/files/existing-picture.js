/**
 * Pictures that the server has, shown in a message that is not sent yet.
 *
 * @module
 */

/** @import { ExistingFile } from '../realtime/contract.js' */

import { Http } from '../realtime/both/http.js';
import { addUrl } from './local-files.js';

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
