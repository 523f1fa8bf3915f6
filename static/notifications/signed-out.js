/**
 * Runs on every page where nobody is signed in: deletes personal data from this device, except for
 * unsent messages.
 *
 * @module
 */

import { deleteCaches } from '../realtime/both/cache-databases.js';
import { clearDevice } from './device.js';

deleteCaches().catch(() => {}); // storage is unavailable: nothing is stored
clearDevice().catch(() => {});
