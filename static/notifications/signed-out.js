/**
 * On every page before the sign-in: nobody is signed in here, so nothing of anybody stays on this
 * device but what they did not send.
 *
 * @module
 */

import { deleteCaches } from '../realtime/store/caches.js';
import { clearDevice } from './device.js';

deleteCaches().catch(() => {}); // storage is refused: nothing is stored
clearDevice().catch(() => {});
