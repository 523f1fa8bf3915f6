/**
 * How much waits for the reader as a moderator. The server counts: after each connection, and when
 * an event says that the number may have changed.
 *
 * @module
 */

import { connect } from '../realtime/client.js';

/** Call `changed` with the number, now and whenever it is another one.
 * @param {(count: number) => void} changed */
export function watchWaiting(changed) {
  const client = connect();
  /** @type {number | undefined} */
  let seen;
  let isOnline = false;
  let isAsking = false;
  let again = false;

  async function ask() {
    if (isAsking) {
      again = true;
      return;
    }
    isAsking = true;
    try {
      const { reports, appeals, held_messages: held, read_requests: requests } = await client.request('waiting');
      changed(reports + appeals + held + requests);
    } catch {
      // Offline: the next connection asks again. Or the reader moderates no more.
    }
    isAsking = false;
    if (again) {
      again = false;
      void ask();
    }
  }

  client.watchMe(({ waiting }) => {
    const isNew = seen !== undefined && waiting !== seen;
    seen = waiting;
    if (isNew) void ask();
  });
  client.watchConnection(({ state }) => {
    const isBack = state === 'online' && !isOnline;
    isOnline = state === 'online';
    if (isBack) void ask();
  });
}
