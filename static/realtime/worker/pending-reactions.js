/** @import { ReactionView } from '../contract.js' */
/** @import { ReactionCount } from '../wire.js' */

/** An acknowledged change comes by the stream at once; later than this, it was changed again. */
const EVENT_TIMEOUT_MS = 2000;

/**
 * Reactions that the person has just put or taken back: shown at once, until the server's own word
 * on the message says the same, or it refuses.
 */
export class PendingReactions {
  /** What is wanted, by message and emoji. @type {Map<string, Map<string, { on: boolean }>>} */
  #wanted = new Map();
  #changed;

  /** @param {(chat: string, seq: number) => void} changed a row is to be drawn again */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * @param {string} chat
   * @param {number} seq
   * @param {{ emoji: string, on: boolean, send: () => Promise<unknown> }} pending
   * @throws {ParleyError} of `send`
   */
  async show(chat, seq, { emoji, on, send }) {
    const key = keyOf(chat, seq);
    const pending = { on };
    const pendingReactions = this.#wanted.get(key) ?? new Map();
    this.#wanted.set(key, pendingReactions.set(emoji, pending));
    this.#changed(chat, seq);
    const end = () => {
      // A newer pending for the same is not this one's to end.
      if (pendingReactions.get(emoji) !== pending) return;
      pendingReactions.delete(emoji);
      if (!pendingReactions.size && this.#wanted.get(key) === pendingReactions) this.#wanted.delete(key);
      this.#changed(chat, seq);
    };
    try {
      await send();
      setTimeout(end, EVENT_TIMEOUT_MS);
    } catch (error) {
      end();
      throw error;
    }
  }

  /**
   * The reactions of a message, with what is applyPending.
   *
   * @param {string} chat
   * @param {number} seq
   * @param {{ reactions: ReactionCount[], me: string }} held
   * @returns {ReactionView[]}
   */
  withPending(chat, seq, { reactions, me }) {
    const seen = reactions.map((one) => ({ ...one, mine: one.people.includes(me) }));
    for (const [emoji, { on }] of this.#wanted.get(keyOf(chat, seq)) ?? []) {
      applyPending(seen, { emoji, on, me });
    }
    return seen.filter(({ count }) => count > 0);
  }
}

/** @param {string} chat @param {number} seq */
const keyOf = (chat, seq) => `${chat}/${seq}`;

/**
 * @param {ReactionView[]} seen changed in place
 * @param {{ emoji: string, on: boolean, me: string }} pending
 */
function applyPending(seen, { emoji, on, me }) {
  const held = seen.find((one) => one.emoji === emoji);
  if (on && !held) seen.push({ emoji, count: 1, mine: true, people: [me] });
  if (!held || held.mine === on) return;
  held.mine = on;
  held.count += on ? 1 : -1;
  held.people = on ? [...held.people, me] : held.people.filter((one) => one !== me);
}
