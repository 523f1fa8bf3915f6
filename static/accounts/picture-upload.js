/**
 * Uploads a small picture, and waits until the server has processed it.
 *
 * @module
 */

/** @import { Http } from '../realtime/both/http.js' */

import { errorText } from '../chats/error-text.js';
import { ParleyError } from '../realtime/both/failure.js';
import { uuid } from '../realtime/both/platform.js';
import { PartSize, transfer } from '../realtime/both/upload-transfer.js';
import { t } from '../shell/words.js';

const TIMEOUT_MS = 90_000;

/**
 * @param {Http} http
 * @param {Blob} picture at most 8 MB
 * @returns {Promise<string>} the file's id
 * @throws {ParleyError}
 */
export async function uploadPicture(http, picture) {
  const name = `picture.${picture.type === 'image/webp' ? 'webp' : 'jpg'}`;
  const upload = { client_id: uuid(), name, size: picture.size, file: null, voice: null };
  const { id, file } = await transfer(upload, picture, {
    http,
    part: new PartSize(),
    signal: AbortSignal.timeout(TIMEOUT_MS),
    now: () => performance.now(),
    progress() {},
  });
  if (file?.kind !== 'image') throw new ParleyError('unusable');
  return id;
}

const UNUSABLE = ['unusable', 'no_picture', 'too_many_pixels'];

/** Why a picture was not saved. @param {unknown} error */
export function pictureErrorText(error) {
  const code = error instanceof ParleyError ? error.code : '';
  if (UNUSABLE.includes(code)) return t('The server cannot use this picture. Choose another one.');
  if (code === 'not_found') return t('Your account cannot store files.');
  return errorText(error);
}
