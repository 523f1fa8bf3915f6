/**
 * Where owners live: one for each person in this worker (or tab), made when its first tab comes.
 *
 * @module
 */

/** @import { DebugView, OwnerMessage, TabMessage } from '../contract.js' */

import { Desk } from './tab-session.js';
import { Owner } from './owner.js';
import { Mine } from './store/unsent-database.js';

/** @type {Map<string, Promise<Owner>>} */
const owners = new Map();

/** @param {string} person @param {DebugView['host']} host */
function ownerOf(person, host) {
  let owner = owners.get(person);
  if (!owner) {
    owner = Promise.resolve(new Owner(person, new Mine(person), host));
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
  /** @type {Promise<Desk> | null} */
  let desk = null;
  port.onmessage = ({ data }) => {
    /** @type {TabMessage} */
    const message = data;
    if (message.do === 'hello' || message.do === 'ping') void sayAlive();
    if (message.do === 'ping') return;
    if (message.do === 'hello') {
      desk ??= ownerOf(message.facts.person, host).then((owner) => new Desk(port, owner));
    }
    void desk?.then((ready) => ready.take(message));
  };
}
