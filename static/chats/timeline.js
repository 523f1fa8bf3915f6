/**
 * `<chat-timeline>`: the rows of a chat, scrolled.
 *
 * @module
 */

/** @import { Row, TimelineDiff } from '../realtime/contract.js' */
/** @import { Timeline } from '../realtime/timeline-copy.js' */
/** @import { barView } from './action-bar.js' */
/** @import { Press } from './long-press.js' */
/** @import { Reading } from './read-tracker.js' */
/** @import { RowActs } from './row.js' */

import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { Anchor } from './scroll-anchor.js';
import { canAct, itemView } from './row.js';
import { TimelineWindow } from './timeline-items.js';

export class ChatTimeline extends View {
  /** @type {Timeline | null} set once, by the room */
  timeline = null;
  /** @type {(row: Row, back: boolean) => void} what to do with a refused row */
  decide = () => {};
  /** @type {RowActs} set once, by the room */
  acts = /** @type {RowActs} */ (/** @type {unknown} */ (null));
  /** @type {number | null} seq that was jumped to by its address */
  target = null;
  #window = new TimelineWindow();
  /** @type {Anchor | null} */
  #anchor = null;
  /** @type {Reading | null} */
  #reading = null;
  /** @type {string[]} last rows to be spoken */
  #spoken = [];
  #loading = false;
  #following = true;
  #frame = 0;
  /** @type {Element | null} the row whose links can be reached with Tab */
  #entered = null;
  /** @type {ResizeObserver | null} */
  #sizes = null;
  /** @type {Press | null} */
  #press = null;
  /** @type {typeof barView | null} */
  #bar = null;
  #attending = false;
  /** Keys of the row under the mouse, and of that with the focus. @type {string | null} */
  #hovered = null;
  /** @type {string | null} */
  #focus = null;

  start() {
    this.draw();
    const scroller = this.scroller;
    this.#anchor = new Anchor(scroller);
    this.#sizes = new ResizeObserver(() => this.#anchor?.restore());
    this.#sizes.observe(scroller);
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
  }

  stop() {
    this.#reading?.end();
    this.#sizes?.disconnect();
    this.#press?.end();
    this.#attending = false;
    cancelAnimationFrame(this.#frame);
  }

  /** Notice what the reader looks at and touches: nothing of that is needed to paint. */
  async #attend() {
    if (this.#attending) return;
    this.#attending = true;
    try {
      const [{ barView }, { Press }, { Reading }] = await Promise.all([
        import('./action-bar.js'),
        import('./long-press.js'),
        import('./read-tracker.js'),
      ]);
      if (!this.#attending) return;
      this.#bar = barView;
      this.#press = new Press(this.scroller, (place) => this.#more(place));
      this.#reading = new Reading(this.scroller, (seq) => void this.timeline?.read(seq));
      this.#reading.watch(this.querySelectorAll('[data-seq]'));
      this.update();
    } catch {
      // Not to be fetched just now: the next change of the rows asks again.
      this.#attending = false;
    }
  }

  get scroller() {
    return /** @type {HTMLElement} */ (this.querySelector('.tl'));
  }

  /** Whether a row has the focus: the tab stop stays with it, whatever comes in. */
  get #held() {
    return this.#focus !== null && this.#window.keys().includes(this.#focus);
  }

  /** Called with every diff, after it was applied. @param {TimelineDiff} diff */
  took(diff) {
    if (!this.timeline || !this.#anchor) return;
    const { state } = this.timeline;
    if (state.status === 'left') this.#spoken = [];
    const stays = !diff.reset || diff.stay;
    if (stays) this.#anchor.remember(this.#following && state.atEnd);
    this.#window.took(state, diff, this.#anchor.sticking);
    if (this.#held) this.#window.active = this.#focus;
    this.#speak(diff);
    this.draw();
    if (stays && this.#anchor.holds) this.#anchor.restore();
    else if (diff.reset) this.#open();
    this.#reading?.watch(this.querySelectorAll('[data-seq]'));
    this.#look();
    void this.#attend();
  }

  /** Go to the newest row, wherever that is. */
  toEnd() {
    if (!this.timeline?.state.atEnd) {
      void this.timeline?.jump('end').catch(() => {});
      return;
    }
    this.#window.below = 0;
    this.#anchor?.toEnd();
    this.#follow(true);
    this.update();
  }

  /** After opening or a jump: the first unread row, the one asked for, or the end. */
  #open() {
    const { anchor, unreadFrom, rows } = /** @type {Timeline} */ (this.timeline).state;
    const at = anchor === null ? -1 : rows.findIndex(({ seq }) => seq !== null && seq >= anchor);
    if (at < 0) {
      this.#anchor?.toEnd();
      return;
    }
    const divider = anchor === unreadFrom ? this.querySelector('.new') : null;
    const row = this.#rowOf(rows[at].key);
    if (divider ?? row) this.#anchor?.toRow(/** @type {Element} */ (divider ?? row));
    if (!this.#held) this.#window.active = rows[at].key;
    this.#anchor?.remember(Boolean(this.timeline?.state.atEnd));
    this.#follow(Boolean(this.#anchor?.sticking));
    this.draw();
  }

  #scrolled() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#anchor?.remember(Boolean(this.timeline?.state.atEnd));
      this.#follow(Boolean(this.#anchor?.sticking));
      if (this.#anchor?.sticking) this.#window.below = 0;
      this.update();
      this.#look();
    });
  }

  /** @param {boolean} sticking */
  #follow(sticking) {
    if (sticking === this.#following) return;
    this.#following = sticking;
    void this.timeline?.follow(sticking);
  }

  /** Fetch what is about to come into sight: a view and a half ahead. */
  #look() {
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
      // Offline: the next movement asks again.
      () => (this.#loading = false),
    );
  }

  #loaded() {
    this.#loading = false;
    this.#look();
  }

  /** Only what others have just said is spoken, never what was scrolled to. @param {TimelineDiff} diff */
  #speak({ fresh = [] }) {
    for (const key of fresh) {
      const item = this.#window.row(key);
      if (item) this.#spoken = [...this.#spoken.slice(-9), `${item.name}: ${item.row.text.slice(0, 300)}`];
    }
  }

  /** @param {string} key */
  #rowOf(key) {
    return /** @type {HTMLElement | null} */ (this.querySelector(`[data-key="${CSS.escape(key)}"]`));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target !== this.#rowOf(this.#window.active ?? '')) return;
    if (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      if (this.#more(/** @type {Element} */ (event.target))) event.preventDefault();
      return;
    }
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const key = this.#window.step(by);
    this.draw();
    const row = key && this.#rowOf(key);
    if (!row) return;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'nearest' });
  }

  /** Open what can be done with the row of a place. @param {Element} place @returns {boolean} */
  #more(place) {
    const element = place.closest('[data-key]');
    const item = this.#window.row(keyOf(element) ?? '');
    if (!element || !item || !canAct(item.row)) return false;
    this.acts.more(item.row, element.querySelector('.row-body') ?? element);
    return true;
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const key = keyOf(/** @type {Element} */ (event.target).closest('[data-key]'));
    if (!key || key === this.#focus) return;
    this.#window.active = key;
    this.#focus = key;
    this.draw();
  }

  #blurred() {
    this.#focus = null;
    this.update();
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    if (event.pointerType !== 'mouse') return;
    const key = keyOf(/** @type {Element} */ (event.target).closest('[data-key]'));
    if (key === this.#hovered) return;
    this.#hovered = key;
    this.update();
  }

  #left() {
    this.#hovered = null;
    this.update();
  }

  /** One tab stop for the whole list: what is inside a row can be reached only from that row. */
  draw() {
    super.draw();
    const row = this.#window.active && this.#rowOf(this.#window.active);
    if (this.#entered && this.#entered !== row) setStops(this.#entered, -1);
    this.#entered = row || null;
    if (row) setStops(row, 0);
  }

  view() {
    return html`<div class="tl" data-region @keydown=${this.#key} @focusin=${this.#focused}
        @focusout=${this.#blurred} @pointerover=${this.#hover} @pointerleave=${this.#left}>${this.#rows()}</div>
      ${this.#pill()}
      <div class="aside" role="log" aria-label=${t('New messages')}>${this.#spoken.map(
        (words) => html`<p>${words}</p>`,
      )}</div>`;
  }

  #rows() {
    const state = this.timeline?.state;
    if (!state || state.status === 'loading') return BONES();
    if (state.status === 'left') {
      return html`<p class="tl-empty">${t('You are not in this chat any more.')}
        <a href="/">${t('Back to your chats')}</a></p>`;
    }
    if (state.status === 'failed') return this.#failed(state.failure?.code);
    if (!this.#window.items.length) {
      return html`<p class="tl-empty">${t('Nothing has been said here yet. The first word is yours.')}</p>`;
    }
    const context = {
      active: this.#window.active,
      target: this.target,
      unfolded: this.#window.unfolded,
      chat: this.timeline?.chat ?? '',
      group: state.chat?.kind === 'group',
      writable: state.chat?.writable ?? true,
      people: state.people,
      barred: [this.#hovered, this.#focus],
      bar: this.#bar,
      acts: this.acts,
      unfold: (/** @type {string} */ key) => this.#unfold(key),
      retry: (/** @type {Row} */ row) => this.decide(row, false),
      takeBack: (/** @type {Row} */ row) => this.decide(row, true),
    };
    return html`<ol role="list" aria-label=${t('Messages')}>${repeat(
      this.#window.items,
      ({ key }) => key,
      (item) => itemView(item, context),
    )}</ol>`;
  }

  /** @param {string} key */
  #unfold(key) {
    this.#anchor?.remember(false);
    this.#window.unfolded.add(key);
    this.draw();
    this.#anchor?.restore();
  }

  /** @param {string | undefined} code */
  #failed(code) {
    if (code === 'not_found') {
      return html`<p class="tl-empty">${t('There is no such chat, or it is not yours to read.')}
        <a href="/">${t('Back to your chats')}</a></p>`;
    }
    if (code === 'offline') {
      return html`<p class="tl-empty">${t('You are offline, and this chat is not kept on this device yet. It will appear once you are back.')}</p>`;
    }
    return html`<p class="tl-empty">${t('These messages could not be fetched. None of them is lost.')}
      <button class="link" @click=${() => this.timeline?.jump('unread').catch(() => {})}>${t('Try again')}</button></p>`;
  }

  #pill() {
    const state = this.timeline?.state;
    if (state?.status !== 'ready' || this.#anchor?.sticking !== false) return nothing;
    const { below } = this.#window;
    const waiting = state.atEnd ? below : (state.chat?.unread ?? 0);
    const words = waiting ? tn('{n} new', '{n} new', waiting) : t('Newest');
    return html`<button class="pill" @click=${() => this.toEnd()}>${icon('arrow-down', { size: '16' })} ${words}</button>`;
  }
}

/** @param {Element | null} row */
const keyOf = (row) => (row instanceof HTMLElement ? (row.dataset.key ?? null) : null);

/** @param {Element} row @param {number} stop */
function setStops(row, stop) {
  for (const inside of row.querySelectorAll('a, button')) {
    /** @type {HTMLElement} */ (inside).tabIndex = stop;
  }
}

const BONES = () => html`<div class="skeleton" aria-hidden="true">${[0, 1, 2, 3, 4, 5].map(
  (n) => html`<div class="bone ${n % 3 ? 'bone-long' : 'bone-short'}"></div>`,
)}</div>`;

customElements.define('chat-timeline', ChatTimeline);
