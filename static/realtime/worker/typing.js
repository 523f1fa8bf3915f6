/** @import { Clock } from './clock.js' */

import { CLOCK } from './clock.js';

/** What was heard is true for so long (docs/protocol.md). */
const HEARD_TTL_MS = 6000;
const SAY_INTERVAL_MS = 3000;

/** Who is writing just now: others as they are heard, and the person here, said now and then. */
export class Typing {
  /** Until when, by person, by chat. @type {Map<string, Map<string, number>>} */
  #heard = new Map();
  /** When it was last said, by chat. @type {Map<string, number>} */
  #said = new Map();
  #stop = () => {};
  #changed;
  #say;
  #clock;

  /**
   * @param {object} way
   * @param {(chat: string) => void} way.changed others began or ceased to write in a chat
   * @param {(chat: string) => void} way.say tell the server
   * @param {Clock} [way.clock]
   */
  constructor({ changed, say, clock = CLOCK }) {
    this.#changed = changed;
    this.#say = say;
    this.#clock = clock;
  }

  /** @param {string} chat @returns {string[]} ids of people, who began first first */
  of(chat) {
    return [...(this.#heard.get(chat)?.keys() ?? [])];
  }

  /** @param {string} chat @param {string} person */
  heard(chat, person) {
    const people = this.#heard.get(chat) ?? new Map();
    const fresh = !people.has(person);
    this.#heard.set(chat, people.set(person, this.#clock.now() + HEARD_TTL_MS));
    if (fresh) this.#changed(chat);
    this.#watch();
  }

  /** A message of theirs, or their leaving, ends it. @param {string} chat @param {string} person */
  ended(chat, person) {
    const people = this.#heard.get(chat);
    if (!people?.delete(person)) return;
    if (!people.size) this.#heard.delete(chat);
    this.#changed(chat);
    this.#watch();
  }

  /** @param {string} chat */
  forget(chat) {
    this.#heard.delete(chat);
    this.#said.delete(chat);
    this.#watch();
  }

  /** The connection is lost: nobody is heard any more. */
  disconnected() {
    const chats = [...this.#heard.keys()];
    this.#heard.clear();
    this.#said.clear();
    this.#watch();
    for (const chat of chats) this.#changed(chat);
  }

  /** The person writes. @param {string} chat */
  writing(chat) {
    const now = this.#clock.now();
    if (now - (this.#said.get(chat) ?? -Infinity) < SAY_INTERVAL_MS) return;
    this.#said.set(chat, now);
    this.#say(chat);
  }

  /** Their message is on its way: what they write next is said at once. @param {string} chat */
  sent(chat) {
    this.#said.delete(chat);
  }

  /** Be back when the next one expires. */
  #watch() {
    this.#stop();
    const ends = [...this.#heard.values()].flatMap((people) => [...people.values()]);
    if (!ends.length) return;
    const wait = Math.max(0, Math.min(...ends) - this.#clock.now());
    this.#stop = this.#clock.after(wait, () => this.#expire());
  }

  #expire() {
    const now = this.#clock.now();
    for (const [chat, people] of this.#heard) {
      for (const [person, until] of people) if (until <= now) this.ended(chat, person);
    }
    this.#watch();
  }
}
