/**
 * `<chat-timeline>`: the messages of a chat. It loads ahead, keeps the scroll position, and notes what
 * was read.
 *
 * @module
 */

/** @import { TimelineDiff } from '../realtime/timeline-types.js' */
/** @import { Timeline } from '../realtime/tab/timeline.js' */
/** @import { ReadTracker } from './read-tracker.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { MessageRows } from './message-rows.js';
import { ScrollAnchor } from './scroll-anchor.js';
import { statusView } from './row.js';

export class ChatTimeline extends MessageRows {
  /** @type {Timeline | null} set once, by the room */
  timeline = null;
  /** @type {number | null} */
  #target = null;
  /** The target gets the focus once: after a jump, people go on from there. */
  #focusesTarget = false;
  /** @type {ScrollAnchor | null} */
  #anchor = null;
  /** @type {ReadTracker | null} */
  #readTracker = null;
  /** @type {typeof import('./timeline-start.js').startView | null} */
  #startView = null;
  #isCovered = false;
  #loading = false;
  #isLacking = false;
  #followsEnd = true;
  #frame = 0;

  start() {
    this.draw();
    const scroller = this.scroller;
    this.#anchor = new ScrollAnchor(scroller);
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
  }

  stop() {
    this.#readTracker?.end();
    this.#readTracker = null;
    this.#anchor?.end();
    cancelAnimationFrame(this.#frame);
    super.stop();
  }

  /** @override */
  get scroller() {
    return /** @type {HTMLElement} */ (this.querySelector('.timeline'));
  }

  /** @override */
  get state() {
    return this.timeline?.state ?? null;
  }

  /** The seq in the address. */
  get target() {
    return this.#target;
  }

  set target(seq) {
    this.#target = seq;
    this.#focusesTarget = seq !== null;
  }

  /** Whether something lies over the rows. @param {boolean} is */
  set covered(is) {
    if (is === this.#isCovered) return;
    this.#isCovered = is;
    if (this.#readTracker) this.#readTracker.covered = is;
    // The room moves the focus to or from the rows next.
    if (this.isConnected) this.draw();
  }

  /** @override */
  async loadInput() {
    // Could not be fetched: the next change of the rows tries again.
    const [module] = await Promise.all([
      Promise.all([import('./read-tracker.js'), import('./timeline-start.js')]).catch(() => null),
      super.loadInput(),
    ]);
    if (this.#readTracker || !module || !this.isConnected) return;
    const [{ ReadTracker }, { startView }] = module;
    this.#startView = startView;
    this.#readTracker = new ReadTracker(this.scroller, (seq) => void this.timeline?.read(seq));
    this.#readTracker.covered = this.#isCovered;
    this.#readTracker.watch(this.querySelectorAll('[data-seq]'));
    this.update();
  }

  /** Draw a diff that the room's timeline has applied. @param {TimelineDiff} diff */
  apply(diff) {
    if (!this.timeline || !this.#anchor) return;
    const { state } = this.timeline;
    const stays = !diff.reset || diff.stay;
    if (stays) this.#anchor.remember(this.#followsEnd && state.atEnd);
    this.items.apply(state, diff, this.#anchor.sticksToEnd);
    if (this.hasFocusedRow) this.items.tabStop = this.focusedKey;
    this.draw();
    if (stays && this.#anchor.canRestore) this.#anchor.restore();
    else if (diff.reset) this.#scrollToStart();
    this.#readTracker?.watch(this.querySelectorAll('[data-seq]'));
    this.#loadAhead();
    void this.loadInput();
  }

  /** @override */
  redraw() {
    this.#anchor?.remember(this.#followsEnd && Boolean(this.timeline?.state.atEnd));
    this.draw();
    if (this.#anchor?.canRestore) this.#anchor.restore();
  }

  /** Go to the newest row, also if it is not loaded. */
  toEnd() {
    if (!this.timeline?.state.atEnd) {
      void this.timeline?.jump('end').catch(() => {});
      return;
    }
    this.#anchor?.toEnd();
    this.#setFollowsEnd(true);
    this.update();
  }

  /** After a jump: focus the row, unless somebody types, or is in the timeline already. */
  focusShown() {
    const { activeElement } = document;
    if (this.contains(activeElement) || activeElement?.matches('input, textarea')) return;
    this.rowOf(this.items.tabStop ?? '')?.focus({ preventScroll: true });
  }

  /** After opening or a jump: scroll to the first unread row, the requested row, or the end. */
  #scrollToStart() {
    const { anchor, unreadFrom, rows } = /** @type {Timeline} */ (this.timeline).state;
    const at = anchor === null ? -1 : rows.findIndex(({ seq }) => seq !== null && seq >= anchor);
    if (at < 0) {
      this.#anchor?.toEnd();
      return;
    }
    const divider = anchor === unreadFrom ? this.querySelector('.new') : null;
    const key = this.items.shownAs(rows[at].key);
    const row = this.rowOf(key);
    if (divider ?? row) this.#anchor?.toRow(/** @type {Element} */ (divider ?? row));
    if (!this.hasFocusedRow) this.items.tabStop = key;
    this.#anchor?.remember(Boolean(this.timeline?.state.atEnd));
    this.#setFollowsEnd(Boolean(this.#anchor?.sticksToEnd));
    this.draw();
    if (!this.#focusesTarget || rows[at].seq !== this.#target) return;
    this.#focusesTarget = false;
    row?.focus({ preventScroll: true });
  }

  #scrolled() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#anchor?.remember(Boolean(this.timeline?.state.atEnd));
      this.#setFollowsEnd(Boolean(this.#anchor?.sticksToEnd));
      this.update();
      this.#loadAhead();
    });
  }

  /** @param {boolean} sticksToEnd */
  #setFollowsEnd(sticksToEnd) {
    if (sticksToEnd === this.#followsEnd) return;
    this.#followsEnd = sticksToEnd;
    void this.timeline?.follow(sticksToEnd);
  }

  /** Load rows before they come into view: one and a half views ahead. */
  #loadAhead() {
    const { timeline } = this;
    if (!timeline || this.#loading || timeline.state.status !== 'ready') return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const ahead = clientHeight * 1.5;
    const { atStart, atEnd } = timeline.state;
    let load = null;
    if (!atStart && scrollTop < ahead) load = timeline.loadBefore();
    else if (!atEnd && scrollHeight - scrollTop - clientHeight < ahead) load = timeline.loadAfter();
    if (!load) return;
    this.#loading = true;
    load.then(
      () => this.#loaded(),
      // Offline: the next scroll tries again.
      () => {
        this.#loading = false;
        this.#setLacking(true);
      },
    );
  }

  #loaded() {
    this.#loading = false;
    this.#setLacking(false);
    this.#loadAhead();
  }

  /** @param {boolean} isLacking whether the last rows that were wanted could not be fetched */
  #setLacking(isLacking) {
    if (this.#isLacking === isLacking) return;
    this.#isLacking = isLacking;
    this.update();
  }

  view() {
    return html`<div class="timeline" data-region ?inert=${this.#isCovered} @focusin=${this.focused} @focusout=${this.blurred}>${this.#rows()}</div>
      ${this.#toEndButton()}
      <div class="visually-hidden" role="log" aria-label=${t('New messages')}>${repeat(
        this.items.announcements,
        ({ key }) => key,
        ({ text }) => html`<p>${text}</p>`,
      )}</div>`;
  }

  #rows() {
    const { state } = this;
    if (!state || state.status !== 'ready' || !this.items.items.length) {
      return statusView(state ?? undefined, () => this.timeline?.jump('unread').catch(() => {}));
    }
    if (state.members) this.voices?.(state.chat?.id ?? '', state.members, state.people);
    const lacks = this.#isLacking && !(state.atStart && state.atEnd);
    return html`${this.#startView?.({ ...state, lacks })}<ol role="list" aria-label=${t('Messages')}>${this.itemViews(this.items.items)}</ol>`;
  }

  /** @override @param {() => void} change */
  keepPlace(change) {
    this.#anchor?.remember(false);
    change();
    this.#anchor?.restore();
  }

  #toEndButton() {
    const state = this.timeline?.state;
    if (this.#isCovered || state?.status !== 'ready' || this.#anchor?.sticksToEnd !== false) return nothing;
    const unread = state.chat?.unread ?? 0;
    const words = unread ? tn('{n} unread', '{n} unread', unread) : t('Newest');
    return html`<button class="pill" @click=${() => this.toEnd()}>${icon('arrow-down', { size: '16' })} ${words}</button>`;
  }
}

customElements.define('chat-timeline', ChatTimeline);
