/**
 * `<chat-list>`: the reader's chats, newest activity first. One tab stop; each chat has a menu.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { Filter } from './list-filter.js' */

import { avatar, botMark, personColor } from '../accounts/person-color.js';
import { openLink } from '../contacts/open-link.js';
import { presenceMark, statusEmoji } from '../accounts/presence-mark.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { endTime, shortDate, fullDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { renderLine } from './markup/render.js';
import { isUnread } from './attention.js';
import { deletedText, eventText, lineOf, typingText } from './describe.js';
import { filtered, inOrder } from './list-filter.js';

export class ChatList extends View {
  /** @type {ChatView[] | null} null: not loaded yet */
  #chats = null;
  #current = '';
  /** Kept while the reader goes from chat to chat. @type {Filter} */
  #filter = 'all';
  /** The chat whose row has the tab stop, once the focus was there. */
  #focused = '';
  /** Whether the archived chats are unfolded. */
  #isArchiveOpen = false;

  start() {
    this.listen(this, 'focusin', (event) => this.#focus(event));
  }

  /** @param {ChatView[] | null} chats */
  set chats(chats) {
    // After the first paint. Offline, and never fetched: the rows have no menu.
    if (chats && !this.#chats) setTimeout(() => import('./list-menu.js').catch(() => {}));
    this.#chats = chats;
    this.update();
  }

  /** Id of the open chat. @param {string} id */
  set current(id) {
    if (id !== this.#current) this.#focused = '';
    this.#current = id;
    this.update();
  }

  get #shown() {
    return filtered(this.#chats ?? [], this.#filter, this.#current);
  }

  /** The chats that are shown and not archived, from top to bottom. */
  get order() {
    const { pinned, others } = inOrder(this.#shown);
    return [...pinned, ...others].map(({ id }) => id);
  }

  /** The chats whose rows can be seen, from top to bottom. */
  get #visible() {
    const archived = this.#isArchiveOpen ? inOrder(this.#shown).archived : [];
    return [...this.order, ...archived.map(({ id }) => id)];
  }

  /** @param {string} id */
  #rowOf(id) {
    return /** @type {HTMLElement | null} */ (this.querySelector(`[data-row="${CSS.escape(id)}"]`));
  }

  /** The ids of the rows as they were drawn last. @type {string[]} */
  #drawn = [];

  /** A row that moves to another part, or goes, takes the focus along: it is put back, or on the
   * neighbour. */
  draw() {
    const { activeElement } = document;
    const row = this.contains(activeElement) ? activeElement?.closest('[data-row]') : null;
    const before = this.#drawn;
    super.draw();
    this.#drawn = this.#visible;
    if (!row || (document.activeElement === activeElement && activeElement?.checkVisibility())) return;
    const next = neighbour(before, /** @type {HTMLElement} */ (row).dataset.row ?? '', this.#drawn);
    const there = this.#rowOf(next)?.querySelector('a') ?? this.querySelector('summary');
    there?.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  #unfolded({ target }) {
    const details = /** @type {HTMLDetailsElement} */ (target);
    this.#isArchiveOpen = details.open;
    if (!details.open && details.querySelector(`[data-row="${CSS.escape(this.#focused)}"]`)) {
      this.#focused = '';
      if (document.activeElement === document.body || details.contains(document.activeElement)) details.querySelector('summary')?.focus();
    }
    this.draw();
  }

  /** @param {FocusEvent} event */
  #focus({ target }) {
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-row]'));
    if (!row || row.dataset.row === this.#focused) return;
    this.#focused = row.dataset.row ?? '';
    this.draw();
  }

  #choose = (/** @type {Filter} */ filter) => {
    this.#filter = filter;
    this.scrollTop = 0;
    this.update();
  };

  view() {
    const chats = this.#chats;
    if (!chats) return skeletonView();
    const shown = this.#shown;
    const { pinned, others, archived } = inOrder(shown);
    if (!chats.length) {
      return html`<p class="chats-none">${t('No chats yet.')} <a href="/people">${t('Find the people you know')}</a>
        <button class="link" @click=${openLink}>${t('Invite by a link')}</button></p>`;
    }
    return html`<list-choices .filter=${this.#filter} .empty=${!shown.length} .choose=${this.#choose}></list-choices>${this.#part(t('Pinned'), pinned)}${this.#part(t('Chats'), others)}${
      archived.length
        ? html`<details class="chats-more" ?open=${this.#isArchiveOpen} @toggle=${this.#unfolded}><summary class="chats-head">${t('Archived')} <span class="chats-count">${count(archived.length)}</span></summary>${this.#lines(archived)}</details>`
        : nothing
    }<chat-list-menu .chats=${chats}></chat-list-menu>`;
  }

  /** The row that Tab leads to: the one that had the focus, or else the open chat, or else the first.
   * @returns {string} */
  get #tabStop() {
    const visible = this.#visible;
    return [this.#focused, this.#current].find((id) => visible.includes(id)) ?? visible[0] ?? '';
  }

  /** @param {string} words @param {ChatView[]} chats */
  #part(words, chats) {
    if (!chats.length) return nothing;
    return html`<h2 class="chats-head">${words}</h2>${this.#lines(chats)}`;
  }

  /** @param {ChatView[]} chats */
  #lines(chats) {
    const tabStop = this.#tabStop;
    return html`<ul role="list">${repeat(
      chats,
      ({ id }) => id,
      (chat) => html`<li class="chat-row" data-row=${chat.id}>${this.#chat(chat, chat.id === tabStop ? 0 : -1)}</li>`,
    )}</ul>`;
  }

  /** @param {ChatView} chat @param {number} tabindex */
  #chat(chat, tabindex) {
    const unread = isUnread(chat);
    const kinds = [
      personColor(chat.person?.id ?? chat.id),
      unread && 'chat-unread',
      chat.muted && 'chat-quiet',
    ];
    const here = chat.id === this.#current;
    return html`<a class="chat ${kinds.filter(Boolean).join(' ')}" href="/c/${chat.id}" data-chat=${chat.id}
      tabindex=${tabindex} draggable="false"
      aria-current=${here ? 'page' : nothing}>
      ${chatAvatar(chat)}
      <span class="chat-who"><span class="chat-name" dir="auto">${chatTitle(chat)}</span>${botMark(chat.person?.bot)}${statusEmoji(chat.person)}${presenceMark(chat.presence)}${mutedMark(chat)}</span>
      <time class="chat-time" datetime=${chat.active_at} title=${fullDate(chat.active_at)}>${shortDate(chat.active_at)}</time>
      <span class="chat-last" dir="auto">${lastLine(chat)}</span>
      ${unread ? html`<span class="chat-marks">${chat.mentioned ? mentionMark() : nothing}${unreadBadge(chat)}</span>` : nothing}
    </a><button class="tool chat-more" tabindex=${tabindex} aria-label=${t('Menu of {name}', { name: chatTitle(chat) })}>${icon('dots-three')}</button>`;
  }
}

/**
 * The row itself, or else the next that is still there, or else the one before.
 *
 * @param {string[]} before the rows as they were
 * @param {string} id
 * @param {string[]} after the rows as they are
 */
function neighbour(before, id, after) {
  const at = before.indexOf(id);
  const others = [...before.slice(at), ...before.slice(0, Math.max(at, 0)).reverse()];
  return others.find((one) => after.includes(one)) ?? after[0] ?? '';
}

/** The title of a group, or the other person's name in a direct chat.
 * @param {Pick<ChatView, 'title' | 'person'>} chat */
export function chatTitle({ title, person }) {
  return title || (person?.name ?? '');
}

/** Of the group, or of the other person in a direct chat.
 * @param {Pick<ChatView, 'id' | 'title' | 'person'> & { picture?: string | null }} chat */
export function chatAvatar({ id, title, person, picture }) {
  return person ? avatar(person) : avatar({ id, name: title, picture }, id);
}

/** That the chat is muted, and until when. @param {ChatView} chat */
export function mutedMark({ muted, muted_until: until }) {
  if (!muted) return nothing;
  return html`<span class="chat-muted">${icon('bell-slash', { size: '14', label: t('muted') })}${
    until ? html` ${t('until {when}', { when: endTime(until) })}` : nothing
  }</span>`;
}

/** An unread message mentions the reader, also in a muted chat. */
const mentionMark = () =>
  html`<span class="badge badge-mention"><span aria-hidden="true">@</span><span class="visually-hidden">${t('you are mentioned')}</span></span>`;

/** @param {ChatView} chat */
function unreadBadge({ unread }) {
  if (!unread) return html`<span class="badge"><span class="visually-hidden">${t('marked as unread')}</span></span>`;
  const words = unread > 999 ? `${count(999)}+` : count(unread);
  return html`<span class="badge" data-unread=${unread}><span aria-hidden="true">${words}</span><span
    class="visually-hidden">${tn('{n} unread message', '{n} unread messages', unread)}</span></span>`;
}

/** @param {ChatView} chat */
function lastLine({ kind, last, draft, refused, typing, kept_from = 1 }) {
  if (typing.length) return typingText(typing);
  if (refused) return html`<span class="chat-refused">${t('A message was not sent')}</span>`;
  if (draft.trim()) return html`${t('Draft:')} <bdi>${renderLine(draft)}</bdi>`;
  if (!last) return kept_from > 1 ? t('Messages were deleted') : t('Say hello');
  if (last.kind !== 'text') {
    const { about } = last;
    const people = about && about.id !== last.sender ? [about.name] : [];
    return eventText({ ...last, names: [last.name], people, aboutMe: about?.id === connect().person });
  }
  const words = last.deleted ? deletedLine(last) : lineOf(last.text, last.files);
  if (!last.mine) {
    return kind === 'group' && last.name ? html`<bdi>${last.name}</bdi>: <bdi>${words}</bdi>` : words;
  }
  const waits = last.state === 'pending' ? html`${icon('clock', { size: '14', label: t('waiting') })} ` : nothing;
  return html`${waits}${t('You:')} <bdi>${words}</bdi>`;
}

/** @param {NonNullable<ChatView['last']>} last */
const deletedLine = (last) => (last.hidden || last.deleted_by_moderator ? deletedText(last) : t('Message deleted'));

const skeletonView = () => html`<div class="skeleton" aria-hidden="true">${[0, 1, 2, 3, 4, 5, 6, 7].map(
  (n) => html`<div class="skeleton-line ${n % 2 ? 'skeleton-long' : 'skeleton-short'}"></div>`,
)}</div>`;

customElements.define('chat-list', ChatList);
