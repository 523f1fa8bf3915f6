/**
 * `<chat-room>`: one chat, from its head to the composer. One element per visit of a chat.
 *
 * @module
 */

/** @import { ChatView, MemberView, Row } from '../realtime/contract.js' */
/** @import { OpenAt, TimelineDiff } from '../realtime/timeline-types.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { Timeline } from '../realtime/tab/timeline.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { ChatTimeline } from './timeline.js' */
/** @import { Panel } from './side-panel.js' */
/** @import { Act, RoomContext } from './room-actions.js' */
/** @import { Selecting } from './selecting.js' */

import { nameButton } from '../accounts/person-color.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './composer.js';
import { chatAvatar, chatTitle, mutedMark } from './list.js';
import { canEdit } from './row.js';
import { presenceText } from './describe.js';
import './timeline.js';

/** Menus, panels and actions: fetched after the first paint, because the messages come first. */
const loadModules = () =>
  Promise.all([
    import('./side-panel.js'),
    import('./room-menus.js'),
    import('./chat-menu.js'),
    import('./room-actions.js'),
    import('./pins-line.js'),
  ]).then(([panels, menus, chatMenu, actions]) => ({ ...panels, ...menus, ...chatMenu, ...actions }));
/** @typedef {Awaited<ReturnType<typeof loadModules>>} LoadedModules */

/** @type {LoadedModules | null} */
let loaded = null;

/** A panel covers the timeline. */
const narrow = matchMedia('(max-width: 1023px)');

export class ChatRoom extends View {
  /** @type {string} */
  chat = '';
  /** @type {Timeline | null} */
  #timeline = null;
  /** @type {{ at: OpenAt } | null} */
  #route = null;
  /** @type {ChatView | null} */
  #chat = null;
  /** Tells panels of entries that came or changed. */
  #changes = new EventTarget();
  #wasReady = false;
  /** @type {unknown} */
  #statusBanner = nothing;
  /** @type {Panel | null} beside the timeline */
  #panel = null;
  #hasResumedEdit = false;
  /** The message that is not in this chat, of which the reader was told. @type {number | null} */
  #missing = null;
  /** @type {Element | null} what had the focus when the panel was opened */
  #panelOpener = null;
  /** @type {Selecting | null} null until messages are selected */
  #selecting = null;
  /** To be called when the panel is closed. @type {(() => void) | null} */
  #uncover = null;
  /** Carry out an action on a message. @type {Act} */
  #act = this.#actIn(() => ({}));

  start() {
    this.#timeline = connect().openTimeline(this.chat, { at: this.#route?.at ?? 'unread' }, (diff) => {
      // Until it is known again, a panel and what is typed into it stay.
      this.#chat = this.#timeline?.state.chat ?? (this.#isGone ? null : this.#chat);
      this.#timelineView.apply(diff);
      this.update();
      this.#noteChanges(diff);
      if (this.#chat) this.#resumeEdit();
      this.#noteMissing();
      if (this.#isGone) this.#closeAll();
    });
    this.draw();
    this.#setTarget();
    this.listen(router, 'navigated', () => this.#isCovered() && this.#showPanel(null));
    this.listen(narrow, 'change', () => this.update());
    if (matchMedia('(hover: hover)').matches) this.#composer.input?.focus({ preventScroll: true });
  }

  /** @param {TimelineDiff} diff */
  #noteChanges({ reset, stay, changed }) {
    const isReady = this.#timeline?.state.status === 'ready';
    const isCaughtUp = reset !== undefined && isReady && (stay === true || !this.#wasReady);
    this.#wasReady = isReady;
    if (!isCaughtUp && !changed) return;
    this.#changes.dispatchEvent(new CustomEvent('changed', { detail: isCaughtUp ? null : changed }));
    const rows = /** @type {(Row & { seq: number })[]} */ (isCaughtUp ? reset.rows : changed);
    this.#selecting?.follow(rows, isCaughtUp);
  }

  /** Say that the message in the address is none of this chat. */
  #noteMissing() {
    const at = this.#route?.at;
    const { chat, status } = this.#timeline?.state ?? {};
    if (!chat || status !== 'ready' || typeof at !== 'number' || at <= chat.last_seq) return;
    if (this.#missing !== at) this.#composer.tell({ error: t('That message is not here.') });
    this.#missing = at;
  }

  /** Runs once, when the chat is known. */
  #resumeEdit() {
    if (this.#hasResumedEdit) return;
    this.#hasResumedEdit = true;
    this.#whenLoaded(({ resumeEdit }) => resumeEdit(this.#context));
  }

  stop() {
    this.#uncovered();
    this.#selecting?.leave();
    this.#timeline?.close();
  }

  /** The place in the chat that the address names. @param {{ at: OpenAt }} route */
  set route(route) {
    const before = this.#route;
    this.#route = route;
    if (!before || before === route || !this.#timeline) return;
    this.#setTarget();
    if (route.at === 'unread') return;
    this.#timeline.jump(route.at).then(() => this.#timelineView?.focusShown(), () => {});
  }

  /** The connection banner; shown here on a narrow screen. @param {unknown} banner */
  set statusBanner(banner) {
    this.#statusBanner = banner;
    this.update();
  }

  get #timelineView() {
    return /** @type {ChatTimeline} */ (this.querySelector('chat-timeline'));
  }

  get #composer() {
    return /** @type {ChatComposer} */ (this.querySelector('chat-composer'));
  }

  #setTarget() {
    const at = this.#route?.at;
    this.#timelineView.target = typeof at === 'number' ? at : null;
  }

  /** Call `then` with the lazy modules; not at all when they cannot be fetched.
   * @param {(modules: LoadedModules) => void} then */
  #whenLoaded(then) {
    if (loaded) {
      then(loaded);
      return;
    }
    loadModules().then(
      (modules) => {
        loaded = modules;
        this.update();
        if (this.isConnected) then(modules);
      },
      () => {},
    );
  }

  /** Actions on messages that are shown somewhere in this room. @param {() => Partial<RoomContext>} place
   * @returns {Act} */
  #actIn(place) {
    /** @type {Act} */
    const act = (action, row, from) =>
      this.#whenLoaded(({ ROOM_ACTIONS }) => ROOM_ACTIONS[action](row, { ...this.#context, act, ...place() }, from));
    return act;
  }

  /** @returns {RoomContext} */
  get #context() {
    return {
      chat: this.chat,
      element: this,
      area: this.#timelineView,
      thread: null,
      act: this.#act,
      composer: this.#composer,
      showPanel: (panel) => this.#showPanel(panel),
      isCovered: () => this.#isCovered(),
      select: (make) => {
        const deps = { rows: () => this.#timelineView, composer: () => this.#composer, draw: () => this.draw() };
        return (this.#selecting ??= make(deps));
      },
      toUnread: () => this.#toUnread(),
    };
  }

  #toUnread() {
    if (this.#isCovered()) this.#showPanel(null);
    void this.#timeline?.jump('unread').catch(() => {});
  }

  /** Mark all as read, and go to the newest message. */
  markRead() {
    void connect().markRead([this.chat]);
    this.#timelineView.toEnd();
  }

  #editLast() {
    const rows = this.#timeline?.state.atEnd ? this.#timeline.state.rows : [];
    const last = rows.findLast(canEdit);
    if (last) this.#act('edit', last);
  }

  /** @param {Element} from @param {(emoji: string) => void} chosen */
  #pickEmoji(from, chosen) {
    this.#whenLoaded(({ openEmojiPicker }) => openEmojiPicker(this, from, chosen));
  }

  /** @param {Panel | null} panel */
  #showPanel(panel) {
    if (!this.#panel) this.#panelOpener = document.activeElement;
    this.#panel = panel;
    // Offline, and the modules were never fetched: there is none.
    const isShown = () => this.querySelector('.panel') !== null;
    if (panel) this.#uncover ??= router.closeOnBack(() => this.#closePanel(), isShown);
    else this.#uncovered();
    this.#whenLoaded(() => {
      this.draw();
      // A thread focuses its field.
      if (panel && !document.activeElement?.closest('.panel')) {
        /** @type {HTMLElement | null} */ (this.querySelector('.panel h2'))?.focus();
      }
    });
  }

  /** Show a panel, from the list of chats. @param {Panel} panel */
  openPanel(panel) {
    this.#showPanel(panel);
  }

  /** There is no panel any more. */
  #uncovered() {
    this.#uncover?.();
    this.#uncover = null;
  }

  /** Return the focus to the opener, or near it: an opener inside a menu is hidden by now. */
  #closePanel() {
    const near = this.#panel?.name === 'thread' ? '[data-key][tabindex="0"]' : '[popovertarget=chat-menu]';
    const opener = this.#panelOpener === document.body ? null : this.#panelOpener;
    this.#showPanel(null);
    const there = opener?.isConnected && opener.checkVisibility() ? opener : this.querySelector(near);
    /** @type {HTMLElement | null} */ (there)?.focus();
  }

  /** Whether a panel covers the timeline. */
  #isCovered() {
    return this.#panel !== null && narrow.matches;
  }

  /** Whether the reader is not, or no longer, in this chat. */
  get #isGone() {
    const { failure, status } = this.#timeline?.state ?? {};
    return failure?.code === 'not_found' || status === 'left';
  }

  /** What is not shown any more must not take a Back to close. */
  #closeAll() {
    const hadFocus = Boolean(document.activeElement?.closest('.panel'));
    if (this.#panel) this.#showPanel(null);
    if (this.#selecting?.selection) this.#selecting.set(null);
    if (hadFocus) this.closest('main')?.focus();
  }

  /** @param {Row} row @param {boolean} back @param {ChatComposer} [composer] */
  #resolveRefused(row, back, composer = this.#composer) {
    this.#whenLoaded(({ resolveRefused }) => void resolveRefused(row, back, composer));
  }

  view() {
    const chat = this.#chat;
    const gone = this.#isGone;
    const { members = null, people = {} } = this.#timeline?.state ?? {};
    const mentionable = members ?? membersOfDirect(people);
    /** @param {Element} from @param {(emoji: string) => void} chosen */
    const pickEmoji = (from, chosen) => this.#pickEmoji(from, chosen);
    const panel = gone || !loaded ? null : this.#panel;
    const covered = panel !== null && narrow.matches;
    return html`<section class="room ${panel ? 'room-panel' : ''}" aria-labelledby="room-name" @keydown=${this.#key}>
      <header class="head" ?inert=${covered}>
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        ${chat && !gone ? chatAvatar(chat) : nothing}
        <div class="head-text">
          <h1 class="head-name" id="room-name">${chat && !gone ? this.#name(chat) : html`<bdi>${gone ? t('No such chat') : t('Chat')}</bdi>`}</h1>
          <p class="head-more">${chat ? html`<span>${headLine(chat, members)}</span>` : nothing}</p>
        </div>
        ${chat && !gone ? this.#headTools(chat) : nothing}
      </header>
      <div class="stage">${chat && loaded && !gone
        ? html`<pins-line ?inert=${covered} .chat=${this.chat} .changes=${this.#changes}
            .showAll=${() => this.#showPanel({ name: 'pins' })}></pins-line>`
        : nothing}<chat-timeline .timeline=${this.#timeline} .covered=${covered} .act=${this.#act} .pressed=${(/** @type {Row} */ row, /** @type {Row[] | null} */ rows) => this.#selecting?.pressed(row, rows)}
        .resolveRefused=${(/** @type {Row} */ row, /** @type {boolean} */ back) => this.#resolveRefused(row, back)}
      ></chat-timeline></div>
      <div class="foot" ?hidden=${gone} ?inert=${covered}><div class="foot-banner">${this.#statusBanner}</div>${this.#selecting?.view(chat, people) ?? nothing}<chat-composer ?hidden=${Boolean(this.#selecting?.selection)} .editingChanged=${(/** @type {number | null} */ seq) => (this.#timelineView.edited = seq)} .chat=${this.chat} .chatView=${chat}
        .members=${mentionable} .people=${people} .editLast=${() => this.#editLast()} .pickEmoji=${pickEmoji}
        .sent=${() => this.#timelineView.toEnd()}></chat-composer></div>
      ${panel && loaded
        ? loaded.panelView(panel, {
            chat,
            members,
            mentionable,
            people,
            changes: this.#changes,
            room: this.#timeline?.state ?? null,
            actIn: (place) => this.#actIn(place),
            pickEmoji,
            resolveRefused: (row, back, composer) => this.#resolveRefused(row, back, composer),
            close: () => this.#closePanel(),
          })
        : nothing}
      <message-menu .chat=${chat} .people=${people}></message-menu><emoji-picker></emoji-picker>
    </section>`;
  }

  /** The name, which leads to the person, or to the members of a group. @param {ChatView} chat */
  #name(chat) {
    if (chat.person) return nameButton(chat.person);
    return html`<button class="name-button" @click=${() => this.#toggleMembers()}><bdi>${chatTitle(chat)}</bdi></button>`;
  }

  #toggleMembers() {
    this.#showPanel(this.#panel?.name === 'members' ? null : { name: 'members' });
  }

  /** @param {ChatView} chat */
  #headTools(chat) {
    return html`<button class="tool" popovertarget="jump" aria-label=${t('Go to a day')}
        title=${t('Go to a day')}>${icon('calendar-blank')}</button>
      ${chat.kind === 'group'
        ? html`<button class="tool" aria-label=${t('Who is in this group')} title=${t('Who is in this group')}
            aria-expanded=${this.#panel?.name === 'members'}
            @click=${() => this.#toggleMembers()}>${icon('sidebar', { flip: true })}</button>`
        : nothing}
      <button class="tool" popovertarget="chat-menu" aria-label=${t('More about this chat')}
        title=${t('More about this chat')}>${icon('dots-three')}</button>
      <div class="menu jump" id="jump" popover>${loaded?.jumpForm(this.chat) ?? nothing}</div>
      <div class="menu jump" id="chat-menu" popover>${
        loaded?.chatMenuItems(chat, this.#context) ?? nothing
      }</div>`;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const inside = /** @type {Element} */ (event.target);
    // It closes a menu first.
    if (event.key !== 'Escape' || event.defaultPrevented || inside.closest('[popover]')) return;
    if (this.#selecting?.selection && !inside.closest('.panel')) {
      // Else it also marks the chat as read.
      event.preventDefault();
      return this.#selecting.set(null);
    }
    if (inside.closest('.panel')) this.#showPanel(null);
    else if (!inside.closest('chat-timeline')) return;
    this.#composer.input?.focus();
  }
}

/** Under the name: whether the chat is muted, and who is here.
 * @param {ChatView} chat @param {MemberView[] | null} members */
function headLine(chat, members) {
  const presence = presenceText(chat, members);
  return html`${mutedMark(chat)}${chat.muted && presence ? ' · ' : nothing}${presence}`;
}

/**
 * The people who can be mentioned in a direct chat.
 *
 * @param {Record<string, Person>} people
 * @returns {MemberView[]}
 */
const membersOfDirect = (people) =>
  Object.values(people).map((person) => ({ person, role: 'member', presence: null }));

customElements.define('chat-room', ChatRoom);
