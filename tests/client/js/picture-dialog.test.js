import { openPictureDialog } from '../../../static/accounts/picture-dialog.js';
import { equal, test } from './runner.js';

/** A dialog with a picture that is being uploaded; `finish` ends that. */
async function make() {
  /** @type {string[]} */
  const log = [];
  let finish = () => {};
  const finished = new Promise((resolve) => (finish = () => resolve(null)));
  let asked = () => {};
  const uploading = new Promise((resolve) => (asked = () => resolve(null)));
  globalThis.fetch = async (url, { method } = {}) => {
    if (method === 'PATCH') {
      asked();
      await finished;
    }
    if (method === 'DELETE') log.push(`delete ${new URL(String(url)).pathname}`);
    const state = method === 'POST' ? { state: 'uploading', received: 0 } : { state: 'ready', file: { kind: 'image' } };
    return Response.json({ id: 'one', ...state });
  };
  const canvas = new OffscreenCanvas(8, 8);
  canvas.getContext('2d');
  const picture = new File([await canvas.convertToBlob()], 'a.png');
  await openPictureDialog(picture, 'token', (file) => void log.push(`save ${file}`));
  /** @param {string} words */
  const press = (words) => {
    const buttons = [...document.querySelectorAll('picture-dialog button')];
    /** @type {HTMLElement} */ (buttons.find(({ textContent }) => textContent === words)).click();
  };
  press('Use this picture');
  await uploading;
  return { log, finish, press };
}

/** Wait until a condition holds. @param {() => unknown} condition */
async function until(condition) {
  for (const end = performance.now() + 5000; !condition(); ) {
    if (performance.now() > end) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a picture is saved, and the dialog closes', async () => {
  const { log, finish } = await make();
  finish();
  await until(() => !document.querySelector('picture-dialog'));
  equal(log, ['save one']);
});

test('a picture whose dialog was closed is deleted instead of saved', async () => {
  const { log, finish, press } = await make();
  press('Cancel');
  finish();
  await until(() => log.length);
  equal(log, ['delete /api/v1/files/one']);
});
