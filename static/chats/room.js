/**
 * `<chat-room>`: one chat, head to composer. It lives as long as the reader is in that chat.
 *
 * @module
 */

/** @import { ChatView, MemberView, OpenAt, Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { Timeline } from '../realtime/timeline-copy.js' */
/** @import { ParleyError } from '../realtime/failure.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { ChatTimeline } from './timeline.js' */
/** @import { Panel } from './side-panel.js' */
/** @import { Act, Hands } from './room-actions.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './composer.js';
import { titleOf } from './list.js';
import { canAct } from './row.js';
import { presenceWords } from './describe.js';
import './timeline.js';

/** What can be opened here, fetched behind the first paint: the messages come first. */
const later = () =>
  Promise.all([import('./side-panel.js'), import('./room-menus.js'), import('./room-actions.js')]).then(
    ([panels, menus, acts]) => ({ ...panels, ...menus, ...acts }),
  );
/** @typedef {Awaited<ReturnType<typeof later>>} Later */

/** @type {Later | null} */
let loaded = null;

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
  #begun = false;
  /** @type {Element | null} what had the focus when it was opened */
  #opener = null;
  /** What the timeline does with a message. */
  #acts = {
    reply: (/** @type {Row} */ row) => this.#act('reply', row),
    edit: (/** @type {Row} */ row) => this.#act('edit', row),
    pick: (/** @type {Row} */ row, /** @type {Element | undefined} */ from) => this.#act('pick', row, from),
    more: (/** @type {Row} */ row, /** @type {Element} */ from) => this.#act('more', row, from),
    thread: (/** @type {Row} */ row) => this.#act('thread', row),
    seen: (/** @type {Row} */ row) => this.#act('seen', row),
    history: (/** @type {Row} */ row) => this.#act('history', row),
    told: (/** @type {Row} */ row) => this.#act('told', row),
  };

  start() {
    this.#timeline = connect().openTimeline(this.chat, { at: this.#place?.at ?? 'unread' }, (diff) => {
      this.#chat = this.#timeline?.state.chat ?? null;
      this.#rows.took(diff);
      this.update();
      if (this.#chat) this.#begin();
    });
    this.draw();
    this.#aim();
    this.listen(router, 'moved', () => this.#covered() && this.#show(null));
    if (matchMedia('(hover: hover)').matches) this.#composer.input?.focus({ preventScroll: true });
  }

  /** Once, when the messages are there. */
  #begin() {
    if (this.#begun) return;
    this.#begun = true;
    this.#fetch(({ resumeEdit }) => resumeEdit(this.#hands));
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
    if (place.at !== 'unread') void this.#timeline.jump(place.at).catch(() => {});
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

  /** Once the rest is there, go on; when it cannot be fetched, nothing opens.
   * @param {(later: Later) => void} then */
  #fetch(then) {
    if (loaded) {
      then(loaded);
      return;
    }
    later().then(
      (modules) => {
        loaded = modules;
        this.update();
        if (this.isConnected) then(modules);
      },
      () => {},
    );
  }

  /** @param {Act} act @param {Row} row @param {Element} [from] */
  #act(act, row, from) {
    this.#fetch(({ ACTS }) => ACTS[act](row, this.#hands, from));
  }

  /** @returns {Hands} */
  get #hands() {
    return {
      chat: this.chat,
      room: this,
      composer: this.#composer,
      show: (panel) => this.#show(panel),
      covered: () => this.#covered(),
    };
  }

  #editLast() {
    const rows = this.#timeline?.state.atEnd ? this.#timeline.state.rows : [];
    const last = rows.findLast((row) => row.mine && canAct(row));
    if (last) this.#act('edit', last);
  }

  /** @param {Element} from @param {(emoji: string) => void} chosen */
  #pick(from, chosen) {
    this.#fetch(({ pickEmoji }) => pickEmoji(this, from, chosen));
  }

  /** @param {Panel | null} panel */
  #show(panel) {
    if (!this.#panel) this.#opener = document.activeElement;
    this.#panel = panel;
    this.#fetch(() => {
      this.draw();
      if (panel) /** @type {HTMLElement | null} */ (this.querySelector('.panel h2'))?.focus();
    });
  }

  /** Back to where it was opened from, or near to it: what is in a menu is gone by now. */
  #closePanel() {
    const near = this.#panel?.name === 'thread' ? '[data-key][tabindex="0"]' : '[popovertarget=marks]';
    const opener = this.#opener === document.body ? null : this.#opener;
    this.#show(null);
    const there = opener?.isConnected && opener.checkVisibility() ? opener : this.querySelector(near);
    /** @type {HTMLElement | null} */ (there)?.focus();
  }

  /** Whether a panel lies over the timeline. */
  #covered() {
    return this.#panel !== null && matchMedia('(max-width: 1023px)').matches;
  }

  /** @param {Row} row @param {boolean} back */
  async #decide(row, back) {
    try {
      if (back) this.#composer.putBack(await connect().discard(row.client_id));
      else await connect().retry(row.client_id);
    } catch (error) {
      // Sent meanwhile: the row says so itself. But an owner that died may have let go of the words.
      const gone = /** @type {ParleyError} */ (error).code === 'unavailable';
      if (back && gone && row.state === 'refused') this.#composer.putBack(row.text);
    }
  }

  view() {
    const about = this.#chat;
    const gone = this.#timeline?.state.failure?.code === 'not_found' || this.#timeline?.state.status === 'left';
    const { members = null, people = {} } = this.#timeline?.state ?? {};
    const panel = gone || !loaded ? null : this.#panel;
    return html`<section class="room ${panel ? 'room-panel' : ''}" aria-labelledby="room-name" @keydown=${this.#key}>
      <header class="head">
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        <div class="head-words">
          <h1 class="head-name" id="room-name"><bdi>${about ? titleOf(about) : gone ? t('No such chat') : t('Chat')}</bdi></h1>
          <p class="head-more">${about ? presenceWords(about, members) : nothing}</p>
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
      ${panel && loaded
        ? loaded.panelView(panel, {
            chat: about,
            members,
            people,
            stamp: loaded.panelStamp(panel, this.#timeline?.state.rows ?? []),
            close: () => this.#closePanel(),
            reply: this.#acts.reply,
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
      <div class="menu jump" id="jump" popover>${loaded?.jumpForm(this.chat) ?? nothing}</div>
      <div class="menu jump" id="marks" popover>${
        loaded?.marksItems(about, {
          showPins: () => this.#show({ name: 'pins' }),
          toUnread: () => void this.#timeline?.jump('unread').catch(() => {}),
        }) ?? nothing
      }</div>`;
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

customElements.define('chat-room', ChatRoom);
