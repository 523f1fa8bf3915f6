/**
 * Pictures that the server has, shown in a message that is not sent yet.
 *
 * @module
 */

/** @import { ExistingFile } from '../realtime/contract.js' */
/** @import { File } from '../realtime/wire.js' */

import { Http } from '../realtime/both/http.js';
import { policy } from './data-saver.js';
import { addUrl } from './local-files.js';
import { chooseVariant } from './variants.js';

/** How large it is shown, in pixels of the page: as in `chats/row.js`. */
const [WIDTH, HEIGHT] = [440, 340];

const http = new Http(location.origin, () => {});

/** @param {File} file one's own */
export const ownContent = ({ id }) => (/** @type {string} */ variant) =>
  http.bytes(`/files/${id}/content/${variant}`, new AbortController().signal);

/**
 * Show a picture until the server confirms the message, if one of its variants can be loaded: offline
 * that is the one that was shown before.
 *
 * @param {ExistingFile} use
 * @param {File} file
 * @param {(variant: string) => Promise<Blob>} load
 */
export async function showMeanwhile(use, file, load) {
  const { loads, saving } = policy();
  if (file.kind !== 'image' || !loads) return;
  const shown = { width: WIDTH * devicePixelRatio, height: HEIGHT * devicePixelRatio };
  const best = chooseVariant(file, shown, saving)?.name ?? 'full';
  for (const variant of new Set([best, ...file.variants.map(({ name }) => name)])) {
    const content = await load(variant).catch(() => null);
    if (content) return void addUrl(use.id, content);
  }
}
