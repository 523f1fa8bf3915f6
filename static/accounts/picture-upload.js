/**
 * Uploads a small picture, and waits until the server has processed it.
 *
 * @module
 */

/** @import { Http } from '../realtime/both/http.js' */

import { errorText } from '../chats/error-text.js';
import { ParleyError } from '../realtime/both/failure.js';
import { uuid } from '../realtime/both/platform.js';
import { t } from '../shell/words.js';

const SEND_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 300;
const MAX_QUESTIONS = 100;

/**
 * @param {Http} http
 * @param {Blob} picture at most 8 MB
 * @returns {Promise<string>} the file's id
 * @throws {ParleyError}
 */
export async function uploadPicture(http, picture) {
  const name = `picture.${picture.type === 'image/webp' ? 'webp' : 'jpg'}`;
  const { id } = await http.post('/files', { client_id: uuid(), name, size: picture.size });
  const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
  await http.sendBytes(`/files/${id}/content`, { bytes: await picture.arrayBuffer(), start: 0, signal });
  for (let asked = 0; asked < MAX_QUESTIONS; asked++) {
    const { state, file } = await http.get(`/files/${id}`);
    if (state === 'ready' && file.kind === 'image') return id;
    if (state === 'ready' || state === 'failed') throw new ParleyError('invalid');
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  throw new ParleyError('unavailable');
}

/** Why a picture was not saved. @param {unknown} error */
export function pictureErrorText(error) {
  const code = error && typeof error === 'object' && 'code' in error ? error.code : '';
  if (code === 'invalid') return t('The server cannot use this picture. Choose another one.');
  if (code === 'not_found') return t('Your account cannot store files.');
  return errorText(error);
}
