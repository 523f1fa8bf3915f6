/** @import { ReactionView } from '../contract.js' */
/** @import { ReactionCount } from '../wire.js' */

/** An acknowledged change comes by the stream at once; later than this, it was changed again. */
const STREAM_MS = 2000;

/**
 * Reactions that the person has just put or taken back: shown at once, until the server's own word
 * on the message says the same, or it refuses.
 */
export class Wishes {
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
   * @param {{ emoji: string, on: boolean, carry: () => Promise<unknown> }} wish
   * @throws {ParleyError} of `carry`
   */
  async make(chat, seq, { emoji, on, carry }) {
    const key = keyOf(chat, seq);
    const wish = { on };
    const wishes = this.#wanted.get(key) ?? new Map();
    this.#wanted.set(key, wishes.set(emoji, wish));
    this.#changed(chat, seq);
    const end = () => {
      // A newer wish for the same is not this one's to end.
      if (wishes.get(emoji) !== wish) return;
      wishes.delete(emoji);
      if (!wishes.size && this.#wanted.get(key) === wishes) this.#wanted.delete(key);
      this.#changed(chat, seq);
    };
    try {
      await carry();
      setTimeout(end, STREAM_MS);
    } catch (error) {
      end();
      throw error;
    }
  }

  /**
   * The reactions of a message, with what is wished.
   *
   * @param {string} chat
   * @param {number} seq
   * @param {{ reactions: ReactionCount[], me: string }} held
   * @returns {ReactionView[]}
   */
  on(chat, seq, { reactions, me }) {
    const seen = reactions.map((one) => ({ ...one, mine: one.people.includes(me) }));
    for (const [emoji, { on }] of this.#wanted.get(keyOf(chat, seq)) ?? []) {
      wished(seen, { emoji, on, me });
    }
    return seen.filter(({ count }) => count > 0);
  }
}

/** @param {string} chat @param {number} seq */
const keyOf = (chat, seq) => `${chat}/${seq}`;

/**
 * @param {ReactionView[]} seen changed in place
 * @param {{ emoji: string, on: boolean, me: string }} wish
 */
function wished(seen, { emoji, on, me }) {
  const held = seen.find((one) => one.emoji === emoji);
  if (on && !held) seen.push({ emoji, count: 1, mine: true, people: [me] });
  if (!held || held.mine === on) return;
  held.mine = on;
  held.count += on ? 1 : -1;
  held.people = on ? [...held.people, me] : held.people.filter((one) => one !== me);
}
