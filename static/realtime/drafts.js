/** @import { Draft } from './contract.js' */
/** @import { Mine } from './store/mine.js' */

/** What is being written, a text for each chat. Writing is gathered while the last write runs. */
export class Drafts {
  /** @type {Map<string, string>} */
  #texts = new Map();
  /** @type {Set<string>} */
  #unsaved = new Set();
  #writing = false;
  #mine;
  #changed;

  /**
   * @param {Mine} mine
   * @param {(chat: string) => void} changed
   */
  constructor(mine, changed) {
    this.#mine = mine;
    this.#changed = changed;
  }

  /** @param {Draft[]} drafts as stored */
  restore(drafts) {
    if (this.#writing) return; // what is held is newer
    const chats = new Set([...this.#texts.keys(), ...drafts.map(({ chat }) => chat)]);
    this.#texts = new Map(drafts.map(({ chat, text }) => [chat, text]));
    for (const chat of chats) this.#changed(chat);
  }

  /** @param {string} chat */
  of(chat) {
    return this.#texts.get(chat) ?? '';
  }

  /**
   * Its message is in the queue, and with that transaction it is stored no more.
   *
   * @param {string} chat
   */
  sent(chat) {
    this.#texts.delete(chat);
    this.#unsaved.delete(chat);
    this.#changed(chat);
  }

  /** @param {string} chat @param {string} text */
  async save(chat, text) {
    if (text === this.of(chat)) return;
    if (text) this.#texts.set(chat, text);
    else this.#texts.delete(chat);
    this.#unsaved.add(chat);
    if (this.#writing) return;
    this.#writing = true;
    try {
      for (const one of this.#unsaved) {
        this.#unsaved.delete(one);
        this.#changed(one);
        const at = new Date().toISOString();
        await this.#mine.draft({ chat: one, text: this.of(one), at });
      }
    } finally {
      this.#writing = false;
    }
  }
}
