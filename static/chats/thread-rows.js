/**
 * `<thread-rows>`: the rows of a thread, as those of a chat. It stays at the end while the reader is
 * there.
 *
 * @module
 */

/** @import { TimelineState } from '../realtime/timeline-types.js' */

import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { MessageRows } from './message-rows.js';
import { ScrollAnchor } from './scroll-anchor.js';

export class ThreadRows extends MessageRows {
  /** Fetch more replies; null: there are none. @type {(() => void) | null} */
  more = null;
  /** Key of the last row before those that `more` fetches. */
  lastFetched = '';
  /** Why not all is shown. @type {unknown} */
  problem = nothing;
  /** @type {TimelineState | null} */
  #state = null;
  /** @type {ScrollAnchor | null} */
  #anchor = null;
  /** Whether the end of what was drawn last is that of the thread. */
  #isWhole = true;
  /** @type {number | null} */
  #target = null;

  start() {
    super.draw();
    const anchor = new ScrollAnchor(this.scroller);
    this.#anchor = anchor;
    this.addCleanup(() => anchor.end());
    void this.loadInput();
  }

  /** @override */
  get scroller() {
    return /** @type {HTMLElement} */ (this.querySelector('.thread-in'));
  }

  /** Of the chat, with the rows of the thread. */
  get state() {
    return this.#state;
  }

  set state(state) {
    this.#state = state;
    if (!state) return;
    this.items.apply(state, {}, this.#anchor?.sticksToEnd ?? true);
    if (this.hasFocusedRow) this.items.tabStop = this.focusedKey;
    void this.loadInput();
    this.update();
  }

  /** @override */
  get target() {
    return this.#target;
  }

  toEnd() {
    this.#anchor?.toEnd();
  }

  draw() {
    const before = this.items.items.length;
    const isFirst = !this.querySelector('[data-key]') && before > 0;
    this.#anchor?.remember(this.#isWhole);
    super.draw();
    this.#isWhole = !this.more;
    // A long thread begins at its beginning.
    if (isFirst && this.more) this.#anchor?.toStart();
    else this.#anchor?.restore();
  }

  /** A quoted message of this thread is shown here. @param {MouseEvent} event */
  #clicked(event) {
    const quote = /** @type {Element} */ (event.target).closest('a.quote');
    if (!(quote instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const seq = Number(quote.pathname.split('/').at(-1));
    const row = /** @type {HTMLElement | null} */ (this.querySelector(`li.row[data-seq="${seq}"]`));
    if (!row) return;
    event.preventDefault();
    this.#target = seq;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'nearest' });
    this.update();
  }

  view() {
    const { items } = this.items;
    const gap = this.more ? items.findIndex(({ key }) => key === this.lastFetched) + 1 : items.length;
    const none = this.#state && this.#state.rows.length < 2 && !this.more;
    /** @param {typeof items} some */
    const list = (some) =>
      some.length ? html`<ol role="list" aria-label=${t('Thread')}>${this.itemViews(some)}</ol>` : nothing;
    return html`<div class="thread-in" @focusin=${this.focused} @focusout=${this.blurred} @click=${this.#clicked}>${this.problem}${list(items.slice(0, gap))}
      ${this.more ? html`<button class="btn btn-small btn-quiet" @click=${this.more}>${t('More')}</button>` : nothing}
      ${none ? html`<p class="people-none">${t('Nobody has answered yet.')}</p>` : nothing}
      ${list(items.slice(gap))}</div>`;
  }
}

customElements.define('thread-rows', ThreadRows);
