/**
 * `<chat-room>`: one chat, head to composer. It lives as long as the reader is in that chat.
 *
 * @module
 */

/** @import { ChatView, MemberView, OpenAt, Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { Timeline } from '../realtime/timeline-copy.js' */

import { connect } from '../realtime/client.js';
import { quoteOf } from '../realtime/quotes.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { ago } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { canAct } from './actions.js';
import './composer.js';
import { groupWords } from './here.js';
import { titleOf } from './list.js';
import { panelStamp, panelView } from './panel.js';
import './timeline.js';
/** @import { ChatComposer } from './composer.js' */
/** @import { ChatTimeline } from './timeline.js' */
/** @import { EmojiPicker } from './picker.js' */
/** @import { MessageMenu } from './menu.js' */
/** @import { Panel } from './panel.js' */

export class ChatRoom extends View {
  /** @type {string} */
  chat = '';
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {{ at: OpenAt } | null} */
  #place = null;
  /** @type {ChatView | null} */
  #chat = null;
  /** @type {unknown} */
  #line = nothing;
  /** @type {Panel | null} what stands beside the timeline */
  #panel = null;
  /** What the timeline does with a message. */
  #acts = {
    reply: (/** @type {Row} */ row) => this.#reply(row),
    edit: (/** @type {Row} */ row) => this.#edit(row),
    pick: (/** @type {Row} */ row, /** @type {Element} */ from = this.#rows) => this.#react(row, from),
    more: (/** @type {Row} */ row, /** @type {Element} */ from) => this.#more(row, from),
    thread: (/** @type {Row} */ row) => this.#show({ name: 'thread', root: row.thread ?? row.seq ?? 0 }),
    seen: (/** @type {Row} */ row) =>
      this.#about(({ openSeenBy }) => row.seq !== null && openSeenBy(this.chat, row.seq)),
    history: (/** @type {Row} */ row) =>
      this.#about(({ openFormerTexts }) => row.seq !== null && openFormerTexts(this.chat, row.seq)),
  };

  start() {
    this.#timeline = connect().openTimeline(this.chat, { at: this.#place?.at ?? 'unread' }, (diff) => {
      this.#chat = this.#timeline?.state.chat ?? null;
      this.#rows.took(diff);
      this.update();
    });
    this.draw();
    this.#aim();
    this.listen(router, 'moved', () => this.#narrow() && this.#show(null));
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

  /** @param {Row} row */
  #reply(row) {
    const { seq } = row;
    if (seq === null) return;
    if (this.#narrow()) this.#show(null);
    this.#composer.reply(quoteOf({ ...row, seq }));
  }

  /** @param {Row} row */
  #edit(row) {
    if (row.seq !== null) this.#composer.edit(row, quoteOf({ ...row, seq: row.seq }));
  }

  #editLast() {
    const rows = this.#timeline?.state.atEnd ? this.#timeline.state.rows : [];
    const last = rows.findLast((row) => row.mine && canAct(row));
    if (last) this.#edit(last);
  }

  /** @param {Row} row @param {Element} from */
  #react(row, from) {
    this.#pick(from, (emoji) => {
      if (row.seq !== null) connect().react(this.chat, row.seq, emoji).catch(() => {});
    });
  }

  /** @param {Element} from @param {(emoji: string) => void} chosen */
  #pick(from, chosen) {
    this.#fetched(import('./picker.js'), () =>
      /** @type {EmojiPicker} */ (this.querySelector('emoji-picker')).open(from, chosen),
    );
  }

  /** @param {Row} row @param {Element} from */
  #more(row, from) {
    const keys = document.activeElement?.closest('[data-key], .acts') !== null;
    this.#fetched(import('./menu.js'), () =>
      /** @type {MessageMenu} */ (this.querySelector('message-menu')).open(row, from, keys),
    );
  }

  /** @param {(module: typeof import('./about-message.js')) => unknown} open */
  #about(open) {
    this.#fetched(import('./about-message.js'), open);
  }

  /** @template M @param {Promise<M>} module @param {(module: M) => unknown} then */
  #fetched(module, then) {
    // Offline before it was ever fetched: it stays closed.
    module.then(then, () => {});
  }

  /** @param {Panel | null} panel */
  #show(panel) {
    this.#panel = panel;
    this.draw();
    if (panel) /** @type {HTMLElement | null} */ (this.querySelector('.panel h2'))?.focus();
  }

  /** Whether a panel lies over the timeline. */
  #narrow() {
    return this.#panel !== null && matchMedia('(max-width: 1023px)').matches;
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
    const about = this.#chat;
    const gone = this.#timeline?.state.failure?.code === 'not_found' || this.#timeline?.state.status === 'left';
    const { members = null, people = {} } = this.#timeline?.state ?? {};
    const panel = gone ? null : this.#panel;
    return html`<section class="room ${panel ? 'room-panel' : ''}" aria-labelledby="room-name" @keydown=${this.#key}>
      <header class="head">
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        <div class="head-words">
          <h1 class="head-name" id="room-name"><bdi>${about ? titleOf(about) : gone ? t('No such chat') : t('Chat')}</bdi></h1>
          <p class="head-more">${about ? (about.kind === 'group' ? groupWords(about, members) : presenceWords(about)) : nothing}</p>
        </div>
        ${about && !gone ? this.#tools(about) : nothing}
      </header>
      <div class="stage"><chat-timeline .timeline=${this.#timeline} .acts=${this.#acts}
        .decide=${(/** @type {Row} */ row, /** @type {boolean} */ back) => this.#decide(row, back)}
      ></chat-timeline></div>
      <div class="foot" ?hidden=${gone}><div class="foot-line">${this.#line}</div><chat-composer .chat=${this.chat} .about=${about}
        .members=${members ?? bothOf(people)} .people=${people} .editLast=${() => this.#editLast()}
        .pickEmoji=${(/** @type {Element} */ from, /** @type {(emoji: string) => void} */ chosen) => this.#pick(from, chosen)}
        .sent=${() => this.#rows.toEnd()}></chat-composer></div>
      ${panel
        ? panelView(panel, {
            chat: about,
            members,
            people,
            stamp: panelStamp(panel, this.#timeline?.state.rows ?? []),
            close: () => this.#show(null),
            reply: (row) => this.#reply(row),
          })
        : nothing}
      <message-menu .chat=${about} .acts=${this.#acts}></message-menu><emoji-picker></emoji-picker>
    </section>`;
  }

  /** @param {ChatView} about */
  #tools(about) {
    return html`<button class="tool" popovertarget="jump" aria-label=${t('Go to a day')}
        title=${t('Go to a day')}>${icon('calendar-blank')}</button>
      ${about.kind === 'group'
        ? html`<button class="tool" aria-label=${t('Who is in this group')} title=${t('Who is in this group')}
            aria-expanded=${this.#panel?.name === 'members' ? 'true' : 'false'}
            @click=${() => this.#show(this.#panel?.name === 'members' ? null : { name: 'members' })}>${icon('sidebar', { flip: true })}</button>`
        : nothing}
      <button class="tool" popovertarget="marks" aria-label=${t('More about this chat')}
        title=${t('More about this chat')}>${icon('dots-three')}</button>
      ${this.#jump()}${marksMenu(about, () => this.#show({ name: 'pins' }))}`;
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
    if (event.key !== 'Escape') return;
    if (inside.closest('.panel')) this.#show(null);
    else if (!inside.closest('chat-timeline')) return;
    this.#composer.input?.focus();
  }
}

/** Who can be named in a direct chat. @param {Record<string, Person>} people @returns {MemberView[]} */
const bothOf = (people) =>
  Object.values(people).map((person) => ({ person, role: 'member', presence: null }));

/** @param {ChatView} chat */
function presenceWords({ person, presence }) {
  if (!person) return '';
  const handle = html`<bdi>@${person.username}</bdi>`;
  if (!presence) return handle;
  if (presence.online) return html`${handle}, ${t('here now')}`;
  if (!presence.last_seen) return handle;
  return html`${handle}, ${t('seen {when}', { when: ago(presence.last_seen) })}`;
}

/** @param {ChatView} chat @param {() => void} showPins */
function marksMenu({ id, pinned, muted, archived, unread, marked_unread: marked }, showPins) {
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
  )}<button class="menu-item" popovertarget="marks" popovertargetaction="hide" @click=${showPins}>${t('Pinned messages')}</button></div>`;
}

customElements.define('chat-room', ChatRoom);
