/**
 * Own messages at both ends of the outbox: from a tab into it, and from it to the server.
 *
 * @module
 */

/** @import { ExistingFile } from '../contract.js' */
/** @import { OutboxEntry } from '../stored-types.js' */
/** @import { Quote } from '../wire.js' */
/** @import { AckPosition } from './outbox.js' */
/** @import { Owner } from './owner.js' */

import { ParleyError } from '../both/failure.js';

/** The event of a committed message leaves with its ack. If none came so soon, it was lost. */
const EVENT_TIMEOUT_MS = 2_000;
/** Among so many rows a repeated message is looked for. */
const RECENT_ROWS = 200;
/** What a command adds to its text in a frame, generously. */
const ENVELOPE_BYTES = 1000;

export class MessageSender {
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * Queue a message. Idempotent: a client id names one message, however often a tab repeats it.
   *
   * @param {string} chat
   * @param {{ text: string, quote: Quote | null, client_id: string, files?: string[], isApart?: boolean }} message
   *   `files`: ids of uploads; `isApart`: it is not the draft of its chat, but was written in a thread
   * @param {boolean} again whether an owner before this one may have queued it
   * @throws {ParleyError} `empty`, `too_long`, `file_gone`
   */
  async queue(chat, { text, quote, client_id, files = [], isApart = false }, again) {
    const { restored, outbox, drafts, model, typing, uploads } = this.#owner;
    await restored;
    if (outbox.has(client_id) || (again && (await this.#hasArrived(chat, client_id)))) {
      if (!isApart) await drafts.becameMessage(chat, { text, reply: quote });
      return;
    }
    if (!files.every((id) => uploads.isKnown(id) || outbox.withFile(id))) {
      // What is written in a thread stays on its page until it is queued.
      if (again && !isApart) await this.#returnText(chat, text, quote);
      throw new ParleyError('file_gone');
    }
    // Another tab may have removed or sent one of them.
    const present = files.filter((id) => uploads.has(id) && !outbox.withFile(id));
    if (!text.trim() && !present.length) throw new ParleyError('empty');
    const limit = model.limits?.text_length ?? Infinity;
    if (text.length > limit && [...text].length > limit) throw new ParleyError('too_long');
    typing.sent(chat);
    const rest = isApart ? drafts.stored(chat) : drafts.sent(chat);
    await outbox.add(chat, { client_id, text, quote, files: present, rest });
    if (!isApart && outbox.isUnstored(client_id)) drafts.notQueued(chat);
  }

  /**
   * Queue a message that is not the draft of its chat: one that is forwarded, or was scheduled.
   * Idempotent as `queue`.
   *
   * @param {string} chat
   * @param {{ text: string, quote: Quote | null, client_id: string, existing: ExistingFile[] }} message
   * @param {boolean} [again]
   */
  async queueApart(chat, { text, quote, client_id, existing }, again = false) {
    const { restored, outbox, drafts, uploads } = this.#owner;
    await restored;
    if (outbox.has(client_id) || (again && (await this.#hasArrived(chat, client_id)))) return;
    const files = existing.map(({ id }) => id);
    // In one turn: files of no message would be shown in the draft.
    const stored = uploads.add(chat, existing);
    await outbox.add(chat, { client_id, text, quote, files, rest: drafts.stored(chat) });
    await stored;
  }

  /** The page that could take its text back may be gone, and the files with it.
   * @param {string} chat @param {string} text @param {Quote | null} quote */
  async #returnText(chat, text, quote) {
    const { drafts } = this.#owner;
    const now = drafts.of(chat);
    if (now.text.includes(text)) return;
    const both = [text, now.text].filter(Boolean).join('\n');
    await drafts.save(chat, { text: both, reply: now.reply ?? quote });
  }

  /**
   * Send what the outbox has next.
   *
   * @param {OutboxEntry} entry
   * @returns {Promise<AckPosition>}
   * @throws {ParleyError}
   */
  async send({ chat, client_id, text, quote, files: uploaded }) {
    const { commands, model, sync, resumer, uploads } = this.#owner;
    // A frame that is too big would end the connection, again and again.
    const size = new TextEncoder().encode(JSON.stringify(text)).length + ENVELOPE_BYTES;
    if (size > (model.limits?.frame_bytes ?? Infinity)) throw new ParleyError('too_long');
    const reply_to = quote && { reply_to: quote.seq };
    const files = uploaded.length && { files: uploads.fileIds(uploaded) };
    const ack = await commands.send({ type: 'send', chat, client_id, text, ...reply_to, ...files });
    const { seq, rev, at } = ack;
    if (!seq || !rev || !at) throw new ParleyError('failed', 'The ack of a message has no place.');
    setTimeout(() => {
      if (sync.synced && !model.hasApplied(chat, rev)) resumer.missing();
    }, EVENT_TIMEOUT_MS);
    return { seq, rev, at };
  }

  /** Whether an own message is among the newest that are held. @param {string} chat @param {string} clientId */
  async #hasArrived(chat, clientId) {
    const { lifecycle, model, cacheWriter } = this.#owner;
    await lifecycle.ready;
    const last = model.chats.get(chat)?.chat.last_seq ?? 0;
    // What cannot be read is sent again: the server takes a client id once.
    const rows = last
      ? await cacheWriter.cache.read(chat, last - RECENT_ROWS, last).catch(() => [])
      : [];
    return rows.some(({ sender, client_id }) => sender === model.person && client_id === clientId);
  }
}
