/**
 * `<chat-room>`: one chat, head to composer. It lives as long as the reader is in that chat.
 *
 * @module
 */

/** @import { ChatView, ContactView, OpenAt, Row } from '../realtime/contract.js' */
/** @import { Timeline } from '../realtime/timeline-copy.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { ago } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './composer.js';
import { titleOf } from './list.js';
import './timeline.js';
/** @import { ChatComposer } from './composer.js' */
/** @import { ChatTimeline } from './timeline.js' */

export class ChatRoom extends View {
  /** @type {string} */
  chat = '';
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {{ at: OpenAt } | null} */
  #place = null;
  /** @type {ChatView | null} */
  #about = null;
  /** @type {unknown} */
  #line = nothing;

  start() {
    this.#timeline = connect().openTimeline(this.chat, { at: this.#place?.at ?? 'unread' }, (diff) => {
      this.#about = this.#timeline?.state.chat ?? null;
      this.#rows.took(diff);
      this.update();
    });
    this.draw();
    this.#aim();
    if (matchMedia('(hover: hover)').matches) this.#composer.input?.focus({ preventScroll: true });
  }

  stop() {
    this.#timeline?.close();
  }

  /** Where in the chat the address points. @param {{ at: OpenAt }} place */
  set place(place) {
    const before = this.#place;
    this.#place = place;
    if (!before || before === place || !this.#timeline) return;
    this.#aim();
    if (place.at !== 'unread') void this.#timeline.jump(place.at);
  }

  /** The line about the connection, shown here on a narrow screen. @param {unknown} line */
  set line(line) {
    this.#line = line;
    this.update();
  }

  get #rows() {
    return /** @type {ChatTimeline} */ (this.querySelector('chat-timeline'));
  }

  get #composer() {
    return /** @type {ChatComposer} */ (this.querySelector('chat-composer'));
  }

  #aim() {
    const at = this.#place?.at;
    this.#rows.target = typeof at === 'number' ? at : null;
  }

  /** @param {Row} row @param {boolean} back */
  async #decide(row, back) {
    try {
      if (back) this.#composer.putBack(await connect().discard(row.client_id));
      else await connect().retry(row.client_id);
    } catch {
      // It was sent meanwhile: the row says so itself.
    }
  }

  view() {
    const about = this.#about;
    const gone = this.#timeline?.state.failure?.code === 'not_found';
    return html`<section class="room" aria-labelledby="room-name" @keydown=${this.#key}>
      <header class="head">
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        <div class="head-words">
          <h1 class="head-name" id="room-name"><bdi>${about ? titleOf(about) : gone ? t('No such chat') : t('Chat')}</bdi></h1>
          <p class="head-more">${about ? presenceWords(about) : nothing}</p>
        </div>
        ${about ? this.#tools(about) : nothing}
      </header>
      <div class="stage"><chat-timeline .timeline=${this.#timeline}
        .decide=${(/** @type {Row} */ row, /** @type {boolean} */ back) => this.#decide(row, back)}
      ></chat-timeline></div>
      <div class="foot" ?hidden=${gone}><div class="foot-line">${this.#line}</div><chat-composer .chat=${this.chat} .about=${about}
        .sent=${() => this.#rows.toEnd()}></chat-composer></div>
    </section>`;
  }

  /** @param {ChatView} about */
  #tools(about) {
    return html`<button class="tool" popovertarget="jump" aria-label=${t('Go to a day')}
        title=${t('Go to a day')}>${icon('calendar-blank')}</button>
      <button class="tool" popovertarget="marks" aria-label=${t('More about this chat')}
        title=${t('More about this chat')}>${icon('dots-three')}</button>
      ${this.#jump()}${marksMenu(about)}`;
  }

  #jump() {
    return html`<form class="menu jump jump-form" id="jump" popover @submit=${this.#jumped}>
      <label class="field"><b>${t('Go to a day')}</b>
        <input class="input" type="date" name="date" required></label>
      <button class="btn btn-small">${t('Go')}</button>
    </form>`;
  }

  /** @param {SubmitEvent} event */
  #jumped(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const date = new FormData(form).get('date');
    form.hidePopover();
    router.go(`/c/${this.chat}/on/${date}`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const inside = /** @type {Element} */ (event.target);
    if (event.key === 'Escape' && inside.closest('chat-timeline')) this.#composer.input?.focus();
  }
}

/** @param {ChatView} chat */
function presenceWords({ person, presence }) {
  if (!person) return '';
  const handle = html`<bdi>@${person.username}</bdi>`;
  if (!presence) return handle;
  if (presence.online) return html`${handle}, ${t('here now')}`;
  if (!presence.last_seen) return handle;
  return html`${handle}, ${t('seen {when}', { when: ago(presence.last_seen) })}`;
}

/** @param {ChatView} chat */
function marksMenu({ id, pinned, muted, archived, unread, marked_unread: marked }) {
  /** @type {[string, import('../realtime/contract.js').Marks][]} */
  const marks = [
    [pinned ? t('Unpin') : t('Pin'), { pinned: !pinned }],
    [muted ? t('Unmute') : t('Mute'), { muted: !muted }],
    [archived ? t('Bring back from the archive') : t('Archive'), { archived: !archived }],
  ];
  if (!unread) {
    marks.push([marked ? t('Mark as read') : t('Mark as unread'), { marked_unread: !marked }]);
  }
  return html`<div class="menu jump" id="marks" popover>${marks.map(
    ([words, mark]) => html`<button class="menu-item" popovertarget="marks" popovertargetaction="hide"
      @click=${() => connect().mark(id, mark).catch(() => {})}>${words}</button>`,
  )}</div>`;
}

customElements.define('chat-room', ChatRoom);
