/** @import { Clock } from './clock.js' */

import { CLOCK } from './clock.js';

/** A person counts as typing for so long after their event (docs/protocol.md). */
const TYPING_TTL_MS = 6000;
const SEND_INTERVAL_MS = 3000;

/** Who is typing: other people, and the person here, which the server is told now and then. */
export class Typing {
  /** Until when others type, by person, by chat. @type {Map<string, Map<string, number>>} */
  #typing = new Map();
  /** When it was last sent, by chat. @type {Map<string, number>} */
  #sentAt = new Map();
  #stop = () => {};
  #changed;
  #send;
  #clock;

  /**
   * @param {object} deps
   * @param {(chat: string) => void} deps.changed others began or stopped typing in a chat
   * @param {(chat: string) => void} deps.send to the server
   * @param {Clock} [deps.clock]
   */
  constructor({ changed, send, clock = CLOCK }) {
    this.#changed = changed;
    this.#send = send;
    this.#clock = clock;
  }

  /** @param {string} chat @returns {string[]} ids of people, in the order in which they began */
  of(chat) {
    return [...(this.#typing.get(chat)?.keys() ?? [])];
  }

  /** @param {string} chat @param {string} person */
  heard(chat, person) {
    const people = this.#typing.get(chat) ?? new Map();
    const fresh = !people.has(person);
    this.#typing.set(chat, people.set(person, this.#clock.now() + TYPING_TTL_MS));
    if (fresh) this.#changed(chat);
    this.#watch();
  }

  /** Their message came, or they left the chat. @param {string} chat @param {string} person */
  ended(chat, person) {
    const people = this.#typing.get(chat);
    if (!people?.delete(person)) return;
    if (!people.size) this.#typing.delete(chat);
    this.#changed(chat);
    this.#watch();
  }

  /** @param {string} chat */
  forget(chat) {
    this.#typing.delete(chat);
    this.#sentAt.delete(chat);
    this.#watch();
  }

  /** No more events come on this connection. */
  disconnected() {
    const chats = [...this.#typing.keys()];
    this.#typing.clear();
    this.#sentAt.clear();
    this.#watch();
    for (const chat of chats) this.#changed(chat);
  }

  /** The person types. @param {string} chat */
  writing(chat) {
    const now = this.#clock.now();
    if (now - (this.#sentAt.get(chat) ?? -Infinity) < SEND_INTERVAL_MS) return;
    this.#sentAt.set(chat, now);
    this.#send(chat);
  }

  /** Their message was queued: the next key is sent at once. @param {string} chat */
  sent(chat) {
    this.#sentAt.delete(chat);
  }

  /** Wait until the next one expires. */
  #watch() {
    this.#stop();
    const ends = [...this.#typing.values()].flatMap((people) => [...people.values()]);
    if (!ends.length) return;
    const wait = Math.max(0, Math.min(...ends) - this.#clock.now());
    this.#stop = this.#clock.after(wait, () => this.#expire());
  }

  #expire() {
    const now = this.#clock.now();
    for (const [chat, people] of this.#typing) {
      for (const [person, until] of people) if (until <= now) this.ended(chat, person);
    }
    this.#watch();
  }
}
