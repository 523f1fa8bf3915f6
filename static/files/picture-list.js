/**
 * The pictures of a chat, from the newest back, as far as they were asked for.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { File } from '../realtime/wire.js' */

import { filesOf } from '../chats/describe.js';
import { connect } from '../realtime/client.js';

/** @typedef {{ chat: string, row: Row, file: File }} Shown */

/** The pictures of a message, in the order of the message. @param {string} chat @param {Row} row */
export const picturesOf = (chat, row) =>
  /** @type {Shown[]} */ (
    filesOf(row)
      .filter((file) => file.kind === 'image' && !('upload' in file))
      .map((file) => ({ chat, row, file }))
  );

export class PictureList {
  /** From old to new. @type {Shown[]} */
  shown;
  #chat;
  /** The cursor of the next older page; null: there is none. @type {string | null | undefined} */
  #next = undefined;
  #isReached = false;
  /** @type {Promise<void> | null} */
  #loading = null;

  /** @param {Shown} first */
  constructor({ chat, row, file }) {
    this.#chat = chat;
    const own = picturesOf(chat, row);
    // A message that changed since may not have it any more.
    this.shown = own.some((one) => one.file.id === file.id) ? own : [{ chat, row, file }];
    this.#seq = row.seq ?? 0;
  }

  #seq;

  /** Whether older pictures may follow. */
  get hasOlder() {
    return this.#next !== null;
  }

  /** Fetch a page more: those from the newest to the first one, then older ones. */
  older() {
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #load() {
    do {
      const page = await connect().request('chatFiles', this.#chat, 'pictures', this.#next ?? null);
      this.#next = page.next;
      this.#add(page.rows);
      // The server lists from the newest on: pages above the first picture come first.
    } while (!this.#isReached && this.#next !== null);
  }

  /** @param {Row[]} rows the newest first */
  #add(rows) {
    const known = new Set(this.shown.map(({ row }) => row.seq));
    const fresh = rows.filter(({ seq }) => !known.has(seq)).flatMap((row) => picturesOf(this.#chat, row).reverse());
    if (rows.some(({ seq }) => (seq ?? 0) <= this.#seq) || this.#next === null) this.#isReached = true;
    this.shown = [...this.shown, ...fresh].sort((a, b) => (a.row.seq ?? 0) - (b.row.seq ?? 0) || order(a, b));
  }
}

/** Pictures of one message in its order. @param {Shown} a @param {Shown} b */
function order(a, b) {
  const ids = filesOf(a.row).map((file) => ('upload' in file ? '' : file.id));
  return ids.indexOf(a.file.id) - ids.indexOf(b.file.id);
}
