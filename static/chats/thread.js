/**
 * `<chat-thread>`: a message and its replies, and a field to reply in.
 *
 * @module
 */

/** @import { ChatView, MemberView, Row } from '../realtime/contract.js' */
/** @import { RowPage } from '../realtime/request-types.js' */
/** @import { ChatComposer } from './composer.js' */

import { connect } from '../realtime/client.js';
import { quoteOf } from '../realtime/both/quotes.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { MessageEdit } from './message-edit.js';
import { messageSummaryView } from './message-summary.js';
import { MessageSummaryList } from './message-summary-list.js';
import { refusedView } from './refused.js';
import { canAct } from './row.js';
import { toThread } from './thread-draft.js';

/** @typedef {Row & { seq: number }} SentRow */

/** @extends {MessageSummaryList<[Row, RowPage]>} */
export class ChatThread extends MessageSummaryList {
  root = 0;
  /** @type {MemberView[]} */
  members = [];
  /** @type {(from: Element, chosen: (emoji: string) => void) => void} */
  pickEmoji = () => {};
  /** @type {(row: Row, back: boolean, composer: ChatComposer) => void} */
  resolveRefused = () => {};
  /** @type {ChatView | null} */
  #chatView = null;
  /** @type {Row[]} */
  #unsent = [];
  /** @type {Row | null} */
  #first = null;
  /** @type {Row[]} */
  #replies = [];
  /** Messages of the thread that came or changed since they were fetched, by seq. @type {Map<number, SentRow>} */
  #changed = new Map();
  /** Those since the last request. @type {Map<number, SentRow>} */
  #since = new Map();
  /** @type {string | null} */
  #next = null;
  #target = toThread({
    chat: () => this.chat,
    root: () => this.root,
    first: () => this.#quote,
    notKept: () => this.#composer?.tell({ error: t('This device cannot keep your text: its storage is full. Send it before you leave.') }),
    find: async (seq) => quoteOf(/** @type {SentRow} */ (await connect().request('message', this.chat, seq))),
  });

  start() {
    super.start();
    this.draw();
    // As in the chat: no keyboard comes up before the reader asks for it.
    if (matchMedia('(hover: hover)').matches) this.#composer?.input?.focus();
  }

  /** @param {ChatView} chatView */
  set chatView(chatView) {
    this.#chatView = chatView;
    this.update();
  }

  /** Own messages of the chat that are not sent. @param {Row[]} unsent */
  set unsent(unsent) {
    this.#unsent = unsent;
    this.update();
  }

  get #composer() {
    return /** @type {ChatComposer | null} */ (this.querySelector('chat-composer'));
  }

  /** What is replied to when no other message was chosen. */
  get #quote() {
    return quoteOf({ seq: this.root, sender: '', text: '', ...(/** @type {SentRow | null} */ (this.#first && this.#current(this.#first))) });
  }

  /** @param {Row[]} rows */
  follow(rows) {
    for (const row of rows) {
      if (row.seq === null || (row.seq !== this.root && row.thread !== this.root)) continue;
      for (const changed of [this.#changed, this.#since]) changed.set(row.seq, /** @type {SentRow} */ (row));
      this.update();
    }
  }

  /** As many replies as are shown. @returns {Promise<[Row, RowPage]>} */
  async fetch() {
    const { chat, root } = this;
    const client = connect();
    this.#since = new Map();
    const shown = this.#replies.length;
    const [first, page] = await Promise.all([client.request('message', chat, root), client.request('thread', chat, root)]);
    while (page.next && page.rows.length < shown) {
      const { rows, next } = await client.request('thread', chat, root, page.next);
      page.rows.push(...rows);
      page.next = next;
    }
    return [first, page];
  }

  /** @param {[Row, RowPage]} found */
  apply([first, page]) {
    this.#first = first;
    this.#replies = page.rows;
    this.#next = page.next;
    this.#changed = this.#since;
  }

  async #more() {
    await this.requestMore(
      () => connect().request('thread', this.chat, this.root, this.#next),
      (page) => {
        this.#replies = [...this.#replies, ...page.rows];
        this.#next = page.next;
      },
    );
  }

  /** The replies as they are now, those that came since they were fetched, and unsent ones. */
  get #shown() {
    const replies = this.#replies.map((row) => this.#current(row));
    const last = replies.at(-1)?.seq ?? this.root;
    const newer = [...this.#changed.values()].filter(({ seq }) => seq > last).sort((a, b) => a.seq - b.seq);
    const seqs = new Set([this.root, ...replies.map(({ seq }) => seq), ...newer.map(({ seq }) => seq)]);
    const unsent = this.#unsent.filter(({ seq, quote }) => !seqs.has(seq) && quote && seqs.has(quote.seq));
    return { replies, newer: [...newer, ...unsent] };
  }

  /** @param {Row} row */
  #current(row) {
    return this.#changed.get(row.seq ?? 0) ?? row;
  }

  content() {
    if (!this.#first) return nothing;
    const first = this.#current(this.#first);
    const { replies, newer } = this.#shown;
    return html`<ul role="list">${[first, ...replies].map((row) => this.#row(row))}</ul>
      ${this.#next ? html`<button class="btn btn-small btn-quiet" @click=${this.#more}>${t('More')}</button>` : nothing}
      ${replies.length || newer.length ? nothing : html`<p class="people-none">${t('Nobody has answered yet.')}</p>`}
      <ul role="list">${newer.map((row) => this.#row(row))}</ul>`;
  }

  /** @param {Row} row */
  #row(row) {
    const { chat, people } = this;
    return messageSummaryView(row, { chat, people, name: people[row.sender]?.name ?? '', after: this.#below(row) });
  }

  /** @param {Row} row */
  #below(row) {
    const composer = this.#composer;
    if (row.state === 'refused' && composer) {
      return refusedView(row, {
        retry: () => this.resolveRefused(row, false, composer),
        discard: () => this.resolveRefused(row, true, composer),
        stop: 0,
      });
    }
    if (row.seq === null || !canAct(row) || !this.#chatView?.writable) return nothing;
    const quote = quoteOf({ ...row, seq: row.seq });
    return html`<button class="link summary-reply" @click=${() => void composer?.reply(quote)}>${t('Reply')}</button>`;
  }

  #editLast() {
    const { replies, newer } = this.#shown;
    const last = [...replies, ...newer].findLast((row) => row.mine && canAct(row));
    if (last) void this.#composer?.edit(MessageEdit.start(this.chat, /** @type {SentRow} */ (last)));
  }

  #sent() {
    requestAnimationFrame(() => this.querySelector('.thread-in')?.scrollTo({ top: Number.MAX_SAFE_INTEGER }));
  }

  view() {
    return html`<div class="thread-in">${super.view()}</div>
      <chat-composer .chat=${this.chat} .target=${this.#target} .chatView=${this.#chatView} .members=${this.members}
        .people=${this.people} .pickEmoji=${this.pickEmoji} .editLast=${() => this.#editLast()} .sent=${() => this.#sent()}></chat-composer>`;
  }
}

customElements.define('chat-thread', ChatThread);
