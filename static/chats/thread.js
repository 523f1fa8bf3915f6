/**
 * `<chat-thread>`: a message and its replies, and a field to reply in.
 *
 * @module
 */

/** @import { ChatView, MemberView, Row } from '../realtime/contract.js' */
/** @import { RowPage } from '../realtime/request-types.js' */
/** @import { TimelineState } from '../realtime/timeline-types.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { Act, RoomContext } from './room-actions.js' */
/** @import { Selecting, SelectingDeps } from './selecting.js' */

import { connect } from '../realtime/client.js';
import { quoteOf } from '../realtime/both/quotes.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './composer.js';
import { MessageSummaryList } from './message-summary-list.js';
import { canEdit } from './row.js';
import { toThread } from './thread-draft.js';
import { ThreadReplies } from './thread-replies.js';
import { ThreadRows } from './thread-rows.js';

/** @typedef {Row & { seq: number }} SentRow */

/** @extends {MessageSummaryList<[Row, RowPage]>} */
export class ChatThread extends MessageSummaryList {
  root = 0;
  /** Those who can be mentioned. @type {MemberView[]} */
  members = [];
  /** @type {(from: Element, chosen: (emoji: string) => void) => void} */
  pickEmoji = () => {};
  /** @type {(row: Row, back: boolean, composer: ChatComposer) => void} */
  resolveRefused = () => {};
  /** Actions on messages that are carried out here. @type {(place: () => Partial<RoomContext>) => Act} */
  actIn = () => () => {};
  /** @type {TimelineState | null} */
  #room = null;
  /** @type {ThreadReplies} */
  #replies = new ThreadReplies(0);
  /** Authors whom the chat does not show. @type {Record<string, Person>} */
  #named = {};
  /** @type {Act} */
  #act = () => {};
  /** @type {Selecting | null} null until messages are selected */
  #selecting = null;
  #target = toThread({
    chat: () => this.chat,
    root: () => this.root,
    first: () => this.#quote,
    notKept: () => this.#composer?.tell({ error: t('This device cannot keep your text: its storage is full. Send it before you leave.') }),
    find: async (seq) => quoteOf(/** @type {SentRow} */ (await connect().request('message', this.chat, seq))),
  });

  start() {
    this.#replies = new ThreadReplies(this.root);
    this.#act = this.actIn(() => ({
      composer: /** @type {ChatComposer} */ (this.#composer),
      area: this,
      thread: this.root,
      isCovered: () => false,
      select: (make) => (this.#selecting ??= make(this.#selectingDeps)),
    }));
    super.start();
    void this.#showHeld();
    this.listen(this, 'keydown', (event) => this.#key(event));
    this.draw();
    // As in the chat: no keyboard comes up before the reader asks for it.
    if (matchMedia('(hover: hover)').matches) this.#composer?.input?.focus();
  }

  stop() {
    this.#selecting?.leave();
  }

  /** The chat that it is a part of. @param {TimelineState} room */
  set room(room) {
    this.#room = room;
    this.update();
  }

  get #chatView() {
    return this.#room?.chat ?? null;
  }

  /** @returns {SelectingDeps} */
  get #selectingDeps() {
    return {
      rows: () => /** @type {ThreadRows} */ (this.#rows),
      composer: () => /** @type {ChatComposer} */ (this.#composer),
      draw: () => this.draw(),
    };
  }

  get #composer() {
    return /** @type {ChatComposer | null} */ (this.querySelector('chat-composer'));
  }

  get #rows() {
    return /** @type {ThreadRows | null} */ (this.querySelector('thread-rows'));
  }

  /** What is replied to when no other message was chosen. */
  get #quote() {
    return quoteOf({ seq: this.root, sender: '', text: '', .../** @type {SentRow | null} */ (this.#replies.first) });
  }

  /** @param {Row[]} rows */
  follow(rows) {
    if (!this.#replies.follow(rows)) return;
    this.#selecting?.follow(rows, false);
    this.update();
  }

  /** What this device has of it is shown at once, and offline. */
  async #showHeld() {
    const [first, ...replies] = await connect().request('heldThread', this.chat, this.root).catch(() => []);
    if (this.#replies.first || first?.seq !== this.root) return;
    this.#replies.replace(first, replies, null);
    this.update();
  }

  /** As many replies as are shown. @returns {Promise<[Row, RowPage]>} */
  async fetch() {
    const { chat, root } = this;
    const client = connect();
    this.#replies.requested();
    const shown = this.#replies.fetched;
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
    this.#replies.replace(first, page.rows, page.next);
    void this.#name([first, ...page.rows]);
  }

  /** @param {Row[]} rows */
  async #name(rows) {
    const unknown = new Set(rows.map(({ sender }) => sender).filter((id) => !this.people[id]));
    if (!unknown.size) return;
    const named = await connect().request('named', [...unknown]).catch(() => ({}));
    this.#named = { ...this.#named, ...named };
    this.update();
  }

  async #more() {
    await this.requestMore(
      () => connect().request('thread', this.chat, this.root, this.#replies.next),
      ({ rows, next }) => {
        this.#replies.append(rows, next);
        void this.#name(rows);
      },
    );
  }

  /** The rows of the thread, as those of a chat. @returns {TimelineState | null} */
  #state() {
    const { first } = this.#replies;
    if (!first || !this.#room) return null;
    const { fetched, newer } = this.#replies.rows(this.#room.pending);
    const people = { ...this.#named, ...this.#room.people };
    const whole = { status: /** @type {const} */ ('ready'), atStart: true, atEnd: true, unreadFrom: null, anchor: null };
    return { ...this.#room, ...whole, people, rows: [first, ...fetched, ...newer], pending: [] };
  }

  #editLast() {
    const last = this.#state()?.rows.findLast(canEdit);
    if (last) this.#act('edit', last);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape' || event.defaultPrevented || !this.#selecting?.selection) return;
    // Else it also closes the panel.
    event.preventDefault();
    this.#selecting.set(null);
  }

  /** Why not all of it could be fetched. */
  #problem() {
    if (!this.#replies.first || this.problem() === nothing) return this.problem();
    return html`<p class="timeline-lacks" role="status">${t('More could not be fetched. It will appear once the server can be reached.')}</p>`;
  }

  view() {
    const { fetched } = this.#replies.rows([]);
    const isSelecting = Boolean(this.#selecting?.selection);
    return html`<thread-rows .root=${this.root} .state=${this.#state()} .problem=${this.#problem()} .act=${this.#act}
        .more=${this.#replies.next ? () => void this.#more() : null} .lastFetched=${(fetched.at(-1) ?? this.#replies.first)?.key ?? ''}
        .pressed=${(/** @type {Row} */ row, /** @type {Row[] | null} */ rows) => this.#selecting?.pressed(row, rows)}
        .resolveRefused=${(/** @type {Row} */ row, /** @type {boolean} */ back) => this.#composer && this.resolveRefused(row, back, this.#composer)}></thread-rows>
      <div class="thread-foot">${this.#selecting?.view(this.#chatView, this.people) ?? nothing}<chat-composer ?hidden=${isSelecting} .chat=${this.chat}
        .target=${this.#target} .chatView=${this.#chatView} .members=${this.members} .people=${this.people} .pickEmoji=${this.pickEmoji}
        .editingChanged=${(/** @type {number | null} */ seq) => this.#rows && (this.#rows.edited = seq)}
        .editLast=${() => this.#editLast()} .sent=${() => this.#rows?.toEnd()}></chat-composer></div>`;
  }
}

customElements.define('chat-thread', ChatThread);
