import { uploadPicture } from '../../../static/accounts/picture-upload.js';
import { ParleyError } from '../../../static/realtime/both/failure.js';
import { equal, test } from './runner.js';

const READY = { state: 'ready', file: { kind: 'image' } };

/**
 * A server that takes the bytes of a picture, or refuses them.
 *
 * @param {string} [refusal]
 * @param {object} [ready] what it has then
 */
function make(refusal = '', ready = READY) {
  /** @type {unknown[]} */
  const sent = [];
  const http = {
    post: async () => ({ id: 'one', state: 'uploading', received: 0 }),
    get: async () => ({ id: 'one', ...ready }),
    /** @param {string} path @param {{ bytes: ArrayBuffer, start: number }} part */
    async sendBytes(path, { bytes, start }) {
      if (refusal) throw new ParleyError(/** @type {any} */ (refusal));
      sent.push(path, start, new TextDecoder().decode(bytes));
      return bytes.byteLength;
    },
  };
  const upload = () => uploadPicture(/** @type {any} */ (http), new Blob(['a picture'], { type: 'image/webp' }));
  return { sent, upload };
}

test('the bytes of a picture are sent as one part', async () => {
  const { sent, upload } = make();
  equal(await upload(), 'one');
  equal(sent, ['/files/one/content', 0, 'a picture']);
});

test('a refusal of the bytes has the code of the server', async () => {
  const { upload } = make('storage_full');
  equal(await upload().catch(({ code }) => code), 'storage_full');
});

test('what the server does not find to be a picture is refused', async () => {
  const document = make('', { state: 'ready', file: { kind: 'document' } });
  equal(await document.upload().catch(({ code }) => code), 'unusable');
  const damaged = make('', { state: 'failed', problem: 'no_picture' });
  equal(await damaged.upload().catch(({ code }) => code), 'no_picture');
});
