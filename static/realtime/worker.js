/** The SharedWorker's entry: every tab of this person and release connects here. */

import { serveTab } from './host.js';

addEventListener('connect', (event) => {
  const [port] = /** @type {MessageEvent} */ (event).ports;
  serveTab(port, 'shared');
});
