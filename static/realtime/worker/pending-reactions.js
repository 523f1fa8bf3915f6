/** @import { ReactionView } from '../contract.js' */
/** @import { React, ReactionCount, Unreact } from '../wire.js' */
/** @import { WithoutRef } from '../contract.js' */

/** The event of a committed change follows its ack at once. If none came, it was changed again. */
const EVENT_TIMEOUT_MS = 2000;

/**
 * Reactions that the person has just added or removed: shown at once, until the server's event says
 * the same or the command fails.
 */
export class PendingReactions {
  /** By message and emoji. @type {Map<string, Map<string, { on: boolean }>>} */
  #pending = new Map();
  #changed;

  /** @param {(chat: string, seq: number) => void} changed draw the row again */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * Show a reaction as the command leaves it, while `send` sends that.
   *
   * @param {WithoutRef<React | Unreact>} command
   * @param {() => Promise<unknown>} send
   * @throws {ParleyError} of `send`; the row is as before, then
   */
  async show({ type, chat, seq, emoji }, send) {
    const key = keyOf(chat, seq);
    const pending = { on: type === 'react' };
    const ofMessage = this.#pending.get(key) ?? new Map();
    this.#pending.set(key, ofMessage.set(emoji, pending));
    this.#changed(chat, seq);
    const end = () => {
      // A newer change of the same emoji ends by itself.
      if (ofMessage.get(emoji) !== pending) return;
      ofMessage.delete(emoji);
      if (!ofMessage.size && this.#pending.get(key) === ofMessage) this.#pending.delete(key);
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
   * The reactions of a message, with what is pending applied.
   *
   * @param {string} chat
   * @param {number} seq
   * @param {{ reactions: ReactionCount[], me: string }} stored
   * @returns {ReactionView[]}
   */
  withPending(chat, seq, { reactions, me }) {
    const seen = reactions.map((one) => ({ ...one, mine: one.people.includes(me) }));
    for (const [emoji, { on }] of this.#pending.get(keyOf(chat, seq)) ?? []) {
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
