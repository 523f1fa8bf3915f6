/**
 * `<chat-timeline>`: the scrolling list of messages. It loads ahead, keeps the scroll position, and
 * moves focus and the tab stop.
 *
 * @module
 */

/** @import { UploadActions } from '../files/types.js' */
/** @import { Row } from '../realtime/contract.js' */
/** @import { TimelineDiff } from '../realtime/timeline-types.js' */
/** @import { Timeline } from '../realtime/tab/timeline.js' */
/** @import { rememberVoices } from '../accounts/voices.js' */
/** @import { actionBarView } from './action-bar.js' */
/** @import { refusedView } from './refused.js' */
/** @import { ReadTracker } from './read-tracker.js' */
/** @import { Act } from './room-actions.js' */
/** @import { Selection } from './selection.js' */
/** @import { TimelineGestures } from './timeline-gestures.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { ScrollAnchor } from './scroll-anchor.js';
import { canAct, itemView, statusView } from './row.js';
import { TimelineItems } from './timeline-items.js';

export class ChatTimeline extends View {
  /** @type {Timeline | null} set once, by the room */
  timeline = null;
  /** @type {(row: Row, back: boolean) => void} retry a refused row, or put its text back */
  resolveRefused = () => {};
  /** @type {Act} */
  act = () => {};
  /** @type {number | null} */
  #target = null;
  /** The target gets the focus once: whoever jumps to a message goes on from there. */
  #focusesTarget = false;
  #items = new TimelineItems(connect().person);
  /** @type {ScrollAnchor | null} */
  #anchor = null;
  /** @type {ReadTracker | null} */
  #readTracker = null;
  #loading = false;
  #isLacking = false;
  #followsEnd = true;
  #frame = 0;
  /** @type {Element | null} the row whose links and buttons Tab can reach */
  #tabStopRow = null;
  /** @type {ResizeObserver | null} */
  #resizeObserver = null;
  /** @type {TimelineGestures | null} */
  #gestures = null;
  /** @type {typeof rememberVoices | null} */
  #voices = null;
  /** @type {Selection | null} messages that are being selected */
  #selection = null;
  /** @type {(row: Row, rows: Row[] | null) => void} a row was pressed; `rows`: with all before it */
  pressed = () => {};
  /** @type {number | null} seq of the message that is being edited */
  #edited = null;
  /** @type {typeof actionBarView | null} */
  #actionBarView = null;
  /** @type {typeof refusedView | null} */
  #refusedView = null;
  #hasLoadedInput = false;
  /** @type {string | null} key of the row under the mouse */
  #hoveredKey = null;
  /** @type {string | null} key of the row with the focus */
  #focusedKey = null;

  start() {
    this.draw();
    const scroller = this.scroller;
    this.#anchor = new ScrollAnchor(scroller);
    this.#resizeObserver = new ResizeObserver(() => this.#anchor?.restore());
    this.#resizeObserver.observe(scroller);
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
  }

  stop() {
    this.#readTracker?.end();
    this.#resizeObserver?.disconnect();
    this.#gestures?.end();
    this.#hasLoadedInput = false;
    cancelAnimationFrame(this.#frame);
  }

  /** The seq in the address. @param {number | null} seq */
  set target(seq) {
    this.#target = seq;
    this.#focusesTarget = seq !== null;
  }

  /** Load what tracks reading, touch and the mouse, and the colours of members. Not needed for the first paint. */
  async #loadInput() {
    if (this.#hasLoadedInput) return;
    this.#hasLoadedInput = true;
    try {
      const [{ rememberVoices }, { actionBarView }, { refusedView }, { TimelineGestures }, { ReadTracker }] = await Promise.all([
        import('../accounts/voices.js'),
        import('./action-bar.js'),
        import('./refused.js'),
        import('./timeline-gestures.js'),
        import('./read-tracker.js'),
      ]);
      if (!this.#hasLoadedInput) return;
      this.#voices = rememberVoices;
      this.#actionBarView = actionBarView;
      this.#refusedView = refusedView;
      this.#gestures = new TimelineGestures(this.scroller, {
        rowAt: (target) => this.#rowAt(target),
        isSelecting: () => this.#selection !== null,
        select: (row, isRange) => this.#select(row, isRange),
        openMenu: (target) => this.#openMenu(target),
        reply: (row) => this.timeline?.state.chat?.writable && this.act('reply', row),
      });
      this.#readTracker = new ReadTracker(this.scroller, (seq) => void this.timeline?.read(seq));
      this.#readTracker.watch(this.querySelectorAll('[data-seq]'));
      this.update();
    } catch {
      // Could not be fetched: the next change of the rows tries again.
      this.#hasLoadedInput = false;
    }
  }

  get scroller() {
    return /** @type {HTMLElement} */ (this.querySelector('.timeline'));
  }

  /** Whether a row has the focus. If so, the tab stop stays with it. */
  get #hasFocusedRow() {
    return this.#focusedKey !== null && this.#items.keys().includes(this.#focusedKey);
  }

  /** Draw a diff that the room's timeline has applied. @param {TimelineDiff} diff */
  apply(diff) {
    if (!this.timeline || !this.#anchor) return;
    const { state } = this.timeline;
    const stays = !diff.reset || diff.stay;
    if (stays) this.#anchor.remember(this.#followsEnd && state.atEnd);
    this.#items.apply(state, diff, this.#anchor.sticksToEnd);
    if (this.#hasFocusedRow) this.#items.tabStop = this.#focusedKey;
    this.draw();
    if (stays && this.#anchor.canRestore) this.#anchor.restore();
    else if (diff.reset) this.#scrollToStart();
    this.#readTracker?.watch(this.querySelectorAll('[data-seq]'));
    this.#loadAhead();
    void this.#loadInput();
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
    this.#rowOf(this.#items.tabStop ?? '')?.focus({ preventScroll: true });
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
    const key = this.#items.shownAs(rows[at].key);
    const row = this.#rowOf(key);
    if (divider ?? row) this.#anchor?.toRow(/** @type {Element} */ (divider ?? row));
    if (!this.#hasFocusedRow) this.#items.tabStop = key;
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

  /** @param {string} key */
  #rowOf(key) {
    return /** @type {HTMLElement | null} */ (this.querySelector(`[data-key="${CSS.escape(key)}"]`));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target !== this.#rowOf(this.#items.tabStop ?? '')) return;
    const row = this.#selection && this.#rowAt(/** @type {Element} */ (event.target));
    if (row && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      this.#select(row, event.shiftKey);
      return;
    }
    if (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      if (this.#openMenu(/** @type {Element} */ (event.target))) event.preventDefault();
      return;
    }
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const key = this.#items.step(by);
    this.draw();
    const next = key && this.#rowOf(key);
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }

  /** Open the menu of the row that contains `target`. @param {Element} target @returns {boolean} */
  #openMenu(target) {
    const row = this.#rowAt(target);
    const element = target.closest('[data-key]');
    if (!element || !row) return false;
    this.act('openMenu', row, element.querySelector('.row-body') ?? element);
    return true;
  }

  /** The message that contains `target`, if one can act on it. @param {Element} target */
  #rowAt(target) {
    const row = this.#items.row(keyOf(target.closest('[data-key]')) ?? '')?.row;
    return row && canAct(row) ? row : null;
  }

  /** @param {Selection | null} selection */
  set selection(selection) {
    this.#selection = selection;
    this.update();
  }

  /** @param {number | null} seq */
  set edited(seq) {
    this.#edited = seq;
    this.update();
  }

  /** @param {Row} row @param {boolean} isRange */
  #select(row, isRange) {
    const rows = this.timeline?.state.rows ?? [];
    this.pressed(row, isRange ? rows.filter(canAct) : null);
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const key = keyOf(/** @type {Element} */ (event.target).closest('[data-key]'));
    if (!key || key === this.#focusedKey) return;
    this.#items.tabStop = key;
    this.#focusedKey = key;
    this.draw();
  }

  #blurred() {
    this.#focusedKey = null;
    this.update();
  }

  /** @param {PointerEvent} event */
  #pointerOver(event) {
    if (event.pointerType !== 'mouse') return;
    const key = keyOf(/** @type {Element} */ (event.target).closest('[data-key]'));
    if (key === this.#hoveredKey) return;
    this.#hoveredKey = key;
    this.update();
  }

  #pointerLeft() {
    this.#hoveredKey = null;
    this.update();
  }

  /** The list has one tab stop. Links and buttons of a row can be reached only from that row. */
  draw() {
    super.draw();
    const row = this.#items.tabStop && this.#rowOf(this.#items.tabStop);
    if (this.#tabStopRow && this.#tabStopRow !== row) setStops(this.#tabStopRow, -1);
    this.#tabStopRow = row || null;
    if (row) setStops(row, 0);
  }

  view() {
    return html`<div class="timeline" data-region @keydown=${this.#key} @focusin=${this.#focused}
        @focusout=${this.#blurred} @pointerover=${this.#pointerOver} @pointerleave=${this.#pointerLeft}>${this.#rows()}</div>
      ${this.#toEndButton()}
      <div class="visually-hidden" role="log" aria-label=${t('New messages')}>${repeat(
        this.#items.announcements,
        ({ key }) => key,
        ({ text }) => html`<p>${text}</p>`,
      )}</div>`;
  }

  #rows() {
    const state = this.timeline?.state;
    if (!state || state.status !== 'ready' || !this.#items.items.length) {
      return statusView(state, () => this.timeline?.jump('unread').catch(() => {}));
    }
    if (state.members) this.#voices?.(state.chat?.id ?? '', state.members, state.people);
    const context = {
      tabStop: this.#items.tabStop,
      target: this.#target,
      edited: this.#edited,
      selection: this.#selection,
      unfolded: this.#items.unfolded,
      chat: this.timeline?.chat ?? '',
      group: state.chat?.kind === 'group',
      writable: state.chat?.writable ?? true,
      people: state.people,
      withBar: this.#selection ? [] : [this.#hoveredKey, this.#focusedKey],
      bar: this.#actionBarView,
      refused: this.#refusedView,
      act: this.act,
      uploads: UPLOADS,
      unfold: (/** @type {string} */ key) => this.#unfold(key),
      retry: (/** @type {Row} */ row) => this.resolveRefused(row, false),
      discard: (/** @type {Row} */ row) => this.resolveRefused(row, true),
    };
    const lacks = this.#isLacking && !(state.atStart && state.atEnd);
    return html`${lacks
      ? html`<p class="timeline-lacks" role="status">${t('More could not be fetched. It will appear once the server can be reached.')}</p>`
      : nothing}<ol role="list" aria-label=${t('Messages')}>${repeat(
      this.#items.items,
      ({ key }) => key,
      (item) => itemView(item, context),
    )}</ol>`;
  }

  /** @param {string} key */
  #unfold(key) {
    this.#anchor?.remember(false);
    this.#items.unfolded.add(key);
    this.draw();
    this.#anchor?.restore();
  }

  #toEndButton() {
    const state = this.timeline?.state;
    if (state?.status !== 'ready' || this.#anchor?.sticksToEnd !== false) return nothing;
    const unread = state.chat?.unread ?? 0;
    const words = unread ? tn('{n} unread', '{n} unread', unread) : t('Newest');
    return html`<button class="pill" @click=${() => this.toEnd()}>${icon('arrow-down', { size: '16' })} ${words}</button>`;
  }
}

/** @type {UploadActions} */
const UPLOADS = {
  cancelUpload: (upload) => void uploadCall('cancelUpload', upload),
  retryUpload: (upload) => void uploadCall('retryUpload', upload),
};

/** @param {'cancelUpload' | 'retryUpload'} name @param {string} upload */
const uploadCall = (name, upload) => /** @type {any} */ (connect())[name]?.(upload)?.catch?.(() => {});

/** @param {Element | null} row */
const keyOf = (row) => (row instanceof HTMLElement ? (row.dataset.key ?? null) : null);

/** @param {Element} row @param {number} stop */
function setStops(row, stop) {
  for (const inside of row.querySelectorAll('a, button, [role=slider], [role=button]')) {
    /** @type {HTMLElement} */ (inside).tabIndex = stop;
  }
}

customElements.define('chat-timeline', ChatTimeline);
