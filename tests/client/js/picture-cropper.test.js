import { PictureCropper } from '../../../static/accounts/picture-cropper.js';
import { equal, test } from './runner.js';

/** The colour in the middle of a transparent picture, cropped. @param {boolean} writesWebp */
async function middle(writesWebp) {
  const canvas = document.createElement('canvas');
  canvas.getContext('2d');
  const cropper = Object.assign(new PictureCropper(), { bitmap: await createImageBitmap(canvas) });
  document.body.append(cropper);
  const shown = /** @type {HTMLCanvasElement} */ (cropper.querySelector('canvas'));
  /** @param {BlobCallback} done @param {string} [type] @param {number} [quality] */
  shown.toBlob = (done, type, quality) =>
    HTMLCanvasElement.prototype.toBlob.call(shown, done, writesWebp || type !== 'image/webp' ? type : 'image/png', quality);
  const blob = await cropper.blob();
  const read = new OffscreenCanvas(1, 1).getContext('2d');
  const at = /** @type {const} */ ([256, 256, 1, 1, 0, 0, 1, 1]);
  read?.drawImage(await createImageBitmap(blob), ...at);
  cropper.remove();
  return [blob.type, ...(read?.getImageData(0, 0, 1, 1).data ?? [])];
}

test('WebP keeps what is transparent', async () => {
  equal(await middle(true), ['image/webp', 0, 0, 0, 0]);
});

test('in a JPEG, what is transparent is white', async () => {
  equal(await middle(false), ['image/jpeg', 255, 255, 255, 255]);
});
