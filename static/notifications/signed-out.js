/**
 * Runs on every page where nobody is signed in: deletes personal data from this device, except for
 * unsent messages and drafts that the server does not have, and what another app shared meanwhile.
 *
 * @module
 */

import { deleteCaches, deleteSavedDrafts } from '../realtime/both/cache-databases.js';
import { sweepShared } from '../share/shared-store.js';
import { clearDevice } from './device.js';

deleteCaches().catch(() => {}); // storage is unavailable: nothing is stored
deleteSavedDrafts().catch(() => {});
sweepShared().catch(() => {});
clearDevice().catch(() => {});
