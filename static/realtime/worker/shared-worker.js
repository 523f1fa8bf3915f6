/** The SharedWorker's entry: every tab of this person and release connects here. */

import { serveTab } from './serve-tab.js';
import { holdForLife, uuid } from '../both/platform.js';

const name = `parley-worker-${uuid()}`;
/** Released when this worker dies: the only sign of that in a tab. @type {Promise<string | null>} */
const lock = navigator.locks
  ? new Promise((resolve) => holdForLife(name, () => resolve(name)))
  : Promise.resolve(null);

addEventListener('connect', (event) => {
  const [port] = /** @type {MessageEvent} */ (event).ports;
  serveTab(port, 'shared', lock);
});
