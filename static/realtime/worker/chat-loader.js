/** @import { Chat, Message, Position } from '../wire.js' */
/** @import { ChatRecord } from './model.js' */
/** @import { Owner } from './owner.js' */

import { ParleyError } from '../both/failure.js';
import { Changes } from './model.js';
import { spanAt } from './spans.js';

/** Chats, positions and single messages, from here or else from the server. */
export class ChatLoader {
  /** Chats whose positions were asked for and hold. @type {Set<string>} */
  #positioned = new Set();
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * A chat, with members and positions on their way.
   *
   * @param {string} chat
   * @returns {Promise<ChatRecord>}
   * @throws {ParleyError} `not_found`, `offline`
   */
  async load(chat) {
    const { lifecycle, model, http, sync, changes, members } = this.#owner;
    await lifecycle.ready;
    if (!model.chats.has(chat)) {
      /** @type {Chat} */
      const found = await http.get(`/chats/${chat}`);
      const adopted = new Changes();
      if (!model.chats.has(chat)) sync.applyChat(found, adopted);
      changes.commit(adopted);
    }
    const record = model.chats.get(chat);
    if (!record) throw new ParleyError('not_found');
    void this.#loadPositions(chat).catch(() => this.#positioned.delete(chat));
    if (record.chat.kind === 'group') void members.load(chat).catch(() => {});
    return record;
  }

  /**
   * @param {string} chat
   * @param {number} seq
   * @returns {Promise<Message>}
   * @throws {ParleyError}
   */
  async message(chat, seq) {
    const { model, cacheWriter, http } = this.#owner;
    const spans = model.chats.get(chat)?.spans ?? [];
    const { cache } = cacheWriter;
    const [held] = spanAt(spans, seq) ? await cache.read(chat, seq, seq).catch(() => []) : [];
    return held ?? http.get(`/chats/${chat}/messages/${seq}`);
  }

  /**
   * Positions move by events while a connection lasts; on another one, and after a snapshot, they
   * are asked for again.
   */
  forgetPositions() {
    this.#positioned.clear();
  }

  /** @param {string} chat */
  async #loadPositions(chat) {
    if (this.#positioned.has(chat)) return;
    this.#positioned.add(chat);
    const { http, sync, changes } = this.#owner;
    /** @type {{ items: Position[] }} */
    const { items } = await http.get(`/chats/${chat}/positions`);
    for (const position of items) sync.chats.movePosition(chat, position, changes.local());
  }
}
