/**
 * Where owners live: one for each person in this worker (or tab), made when its first tab comes.
 *
 * @module
 */

/** @import { DebugView, OwnerMessage, TabMessage } from '../contract.js' */

import { TabSession } from './tab-session.js';
import { Owner } from './owner.js';
import { UnsentDatabase } from './store/unsent-database.js';

/** @type {Map<string, Promise<Owner>>} */
const owners = new Map();

/** @param {string} person @param {DebugView['host']} host */
function ownerOf(person, host) {
  let owner = owners.get(person);
  if (!owner) {
    owner = Promise.resolve(new Owner(person, new UnsentDatabase(person), host));
    owners.set(person, owner);
  }
  return owner;
}

/**
 * Serve the tab at the other end of a port. Its first message says whose page it is.
 *
 * @param {MessagePort} port
 * @param {DebugView['host']} host
 * @param {Promise<string | null>} lock held as long as this worker lives
 */
export function serveTab(port, host, lock) {
  const sayAlive = async () => {
    /** @type {OwnerMessage} */
    const alive = { is: 'alive', lock: await lock };
    port.postMessage(alive);
  };
  /** @type {Promise<TabSession> | null} */
  let session = null;
  port.onmessage = ({ data }) => {
    /** @type {TabMessage} */
    const message = data;
    if (message.do === 'hello' || message.do === 'ping') void sayAlive();
    if (message.do === 'ping') return;
    if (message.do === 'hello') {
      session ??= ownerOf(message.facts.person, host).then((owner) => new TabSession(port, owner));
    }
    void session?.then((ready) => ready.handle(message));
  };
}
