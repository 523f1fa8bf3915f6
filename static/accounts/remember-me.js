/**
 * Keeps the copy of the signed-in person that the sign-in page of this device shows (`remembered.js`).
 *
 * @module
 */

/** @import { Me } from '../realtime/wire.js' */

import { PEOPLE } from '../realtime/both/cache-databases.js';
import { policy } from '../files/data-saver.js';
import { connect } from '../realtime/client.js';
import { initials, personColor } from './person-color.js';
import { forgetRemembered, remember, remembered, setWish, wishesToBeRemembered } from './remembered.js';

/** Twice as many pixels as the sign-in page shows. */
const SIDE_PX = 128;
const QUALITY = 0.8;

export function keepRemembered() {
  const isWished = wishesToBeRemembered() === true;
  setWish(false);
  const client = connect();
  const known = remembered();
  if (!isWished && known?.person !== client.person) {
    // Somebody else uses this device now.
    if (known) forgetRemembered();
    return;
  }
  let isOnline = false;
  client.watchMe((view) => void update((me = view.me)));
  client.watchConnection(({ state }) => {
    const isBack = state === 'online' && !isOnline;
    isOnline = state === 'online';
    // The picture may have failed to load.
    if (isBack && me) void update(me);
  });
}

/** @type {Me | null} */
let me = null;
/** The picture that is being loaded. */
let loading = '';

/** @param {Me} me */
async function update({ id, username, name: chosen, picture }) {
  const name = chosen || username;
  const file = picture ?? '';
  const former = remembered();
  const kept = former?.person === id && former.file === file ? former.picture : '';
  const now = { person: id, login: username, name, initials: initials(name), hue: personColor(id), file, picture: kept };
  if (JSON.stringify(now) !== JSON.stringify(former)) remember(now);
  if (!file || kept || loading === file || !policy().loads) return;
  loading = file;
  const copy = await copyOf(file).catch(() => '');
  if (loading === file) loading = '';
  const current = remembered();
  if (copy && current?.person === id && current.file === file) remember({ ...current, picture: copy });
}

/** A small copy of a person's picture, as a data URL. @param {string} file */
async function copyOf(file) {
  const at = { chat: PEOPLE, seq: 0, file, variant: 'thumbnail' };
  const image = await createImageBitmap(await connect().request('file', at));
  const side = Math.min(image.width, image.height);
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE_PX, height: SIDE_PX });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  // JPEG has no transparency.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, SIDE_PX, SIDE_PX);
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
  context.drawImage(image, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
  image.close();
  return canvas.toDataURL('image/jpeg', QUALITY);
}
