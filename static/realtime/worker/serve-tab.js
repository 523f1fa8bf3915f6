/**
 * Connects each tab with its person's owner: one owner a person in this worker (or tab), made with
 * the first of the person's tabs.
 *
 * @module
 */

/** @import { DebugView, OwnerMessage, TabMessage } from '../port-messages.js' */

import { Owner } from './owner.js';
import { LocalStore } from './store/local-store.js';
import { TabSession } from './tab-session.js';

/** @type {Map<string, Owner>} */
const owners = new Map();

/** @param {string} person @param {DebugView['host']} host */
function ownerOf(person, host) {
  const owner = owners.get(person) ?? new Owner(person, new LocalStore(person), host);
  owners.set(person, owner);
  return owner;
}

/**
 * Serve the tab at the other end of a port. Its first message names the person.
 *
 * @param {MessagePort} port
 * @param {DebugView['host']} host
 * @param {Promise<string | null>} lock held as long as this worker lives
 */
export function serveTab(port, host, lock) {
  const sendAlive = async () => {
    /** @type {OwnerMessage} */
    const alive = { is: 'alive', lock: await lock };
    port.postMessage(alive);
  };
  /** @type {TabSession | null} */
  let session = null;
  port.onmessage = ({ data }) => {
    /** @type {TabMessage} */
    const message = data;
    if (message.do === 'hello' || message.do === 'ping') void sendAlive();
    if (message.do === 'ping') return;
    if (message.do === 'hello') {
      session ??= new TabSession(port, ownerOf(message.facts.person, host));
    }
    session?.handle(message);
  };
}
