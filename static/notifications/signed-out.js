/**
 * Runs on every page where nobody is signed in: deletes personal data from this device, except for
 * unsent messages and drafts that the server does not have, and what another app shared, unless they
 * signed out themselves.
 *
 * @module
 */

import { deleteCaches, deleteSavedDrafts } from '../realtime/both/cache-databases.js';
import { forgetShared, sweepShared } from '../share/shared-store.js';
import { clearDevice } from './device.js';

deleteCaches().catch(() => {}); // storage is unavailable: nothing is stored
deleteSavedDrafts().catch(() => {});
shared().catch(() => {});
clearDevice().catch(() => {});

/** The server says so when it was a sign-out (apps/accounts/sign_outs.py). */
async function shared() {
  const name = 'parley_signed_out';
  if (!document.cookie.split('; ').includes(`${name}=1`)) return sweepShared();
  await forgetShared();
  document.cookie = `${name}=; Path=/; Max-Age=0`;
}
