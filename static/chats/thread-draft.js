/**
 * What is written in a thread: the draft stays on this device, and the chat keeps its own.
 *
 * @module
 */

/** @import { Quote } from '../realtime/wire.js' */
/** @import { ComposerTarget } from './composer-target.js' */

import { connect } from '../realtime/client.js';
import { ParleyError } from '../realtime/both/failure.js';
import { deviceList } from './device-list.js';

/**
 * Holds nothing of other messages, so this storage reveals no chat after sign-out.
 *
 * @typedef {{ chat: string, root: number, text: string, reply: number | null }} StoredReply `reply`:
 *   seq of the message that was chosen to be replied to
 */

/** The one that is written is always the newest. */
const MAX_STORED_REPLIES = 1000;

/** @type {ReturnType<typeof deviceList<StoredReply>>} */
const stored = deviceList('replies', MAX_STORED_REPLIES);

/**
 * @param {object} thread
 * @param {() => string} thread.chat
 * @param {() => number} thread.root seq of the first message
 * @param {() => Quote} thread.first
 * @param {(seq: number) => Promise<Quote | null>} thread.find a message of the thread
 * @param {() => void} thread.notKept this device could not store what is written
 * @returns {ComposerTarget}
 */
export function toThread({ chat, root, first, find, notKept }) {
  /** @param {StoredReply} one */
  const isHere = (one) => one.chat === chat() && one.root === root();
  const others = () => stored.read().filter((one) => !isHere(one));
  /** The message that was chosen last. @type {Quote | null} */
  let chosen = null;
  const load = async () => {
    const draft = stored.read().find(isHere);
    const seq = draft?.reply ?? null;
    if (chosen?.seq !== seq) chosen = seq === null ? null : await find(seq).catch(() => null);
    return { text: draft?.text ?? '', reply: seq === null ? null : chosen };
  };
  /** @param {string} text @param {Quote | null} reply */
  const save = async (text, reply) => {
    chosen = reply;
    const draft = { chat: chat(), root: root(), text, reply: reply?.seq ?? null };
    if (stored.write(text || reply ? [...others(), draft] : others())) return;
    notKept();
    throw new ParleyError('failed', 'The device stores nothing.');
  };
  return {
    get thread() {
      return root();
    },
    quote: first,
    save,
    load,
    watch(changed) {
      const heard = (/** @type {StorageEvent} */ event) => {
        const [before, after] = Object.values(stored.changedBy(event) ?? {}).map((all) => JSON.stringify(all.find(isHere)));
        if (before !== after) void load().then(changed);
      };
      addEventListener('storage', heard);
      return () => removeEventListener('storage', heard);
    },
    async send({ text, reply, client_id, files }) {
      await connect().reply(chat(), { client_id, text, quote: reply, files });
      stored.write(others());
    },
  };
}
