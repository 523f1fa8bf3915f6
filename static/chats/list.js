/**
 * `<chat-list>`: the reader's chats, newest activity first.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { openLink } from '../contacts/open-link.js';
import { presenceMark, statusEmoji } from '../accounts/presence-mark.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { shortDate, fullDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { renderLine } from './markup/render.js';
import { deletedText, eventText, lineOf, typingText } from './describe.js';

export class ChatList extends View {
  /** @type {ChatView[] | null} null: not loaded yet */
  #chats = null;
  #current = '';

  /** @param {ChatView[] | null} chats */
  set chats(chats) {
    this.#chats = chats;
    this.update();
  }

  /** Id of the open chat. @param {string} id */
  set current(id) {
    this.#current = id;
    this.update();
  }

  view() {
    const chats = this.#chats;
    if (!chats) return skeletonView();
    const kept = chats.filter(({ archived }) => !archived);
    const archived = chats.filter((chat) => chat.archived);
    if (!chats.length) {
      return html`<p class="chats-none">${t('No chats yet.')} <a href="/people">${t('Find the people you know')}</a>
        <button class="link" @click=${openLink}>${t('Invite by a link')}</button></p>`;
    }
    const pinned = kept.filter((chat) => chat.pinned);
    const others = kept.filter((chat) => !chat.pinned);
    return html`${this.#part(t('Pinned'), pinned)}${this.#part(t('Chats'), others)}${
      archived.length
        ? html`<details class="chats-more"><summary class="chats-head">${t('Archived')} <span class="chats-count">${count(archived.length)}</span></summary>${this.#lines(archived)}</details>`
        : nothing
    }`;
  }

  /** @param {string} words @param {ChatView[]} chats */
  #part(words, chats) {
    if (!chats.length) return nothing;
    return html`<h2 class="chats-head">${words}</h2>${this.#lines(chats)}`;
  }

  /** @param {ChatView[]} chats */
  #lines(chats) {
    return html`<ul role="list">${repeat(
      chats,
      ({ id }) => id,
      (chat) => html`<li>${this.#chat(chat)}</li>`,
    )}</ul>`;
  }

  /** @param {ChatView} chat */
  #chat(chat) {
    const unread = chat.unread > 0 || chat.marked_unread;
    const kinds = [
      personColor(chat.person?.id ?? chat.id),
      unread && 'chat-unread',
      chat.muted && 'chat-quiet',
    ];
    const here = chat.id === this.#current;
    return html`<a class="chat ${kinds.filter(Boolean).join(' ')}" href="/c/${chat.id}" data-chat=${chat.id}
      aria-current=${here ? 'page' : nothing}>
      ${chatAvatar(chat)}
      <span class="chat-who"><span class="chat-name" dir="auto">${chatTitle(chat)}</span>${statusEmoji(chat.person)}${presenceMark(chat.presence)}${chat.muted
        ? html`<span class="chat-muted">${icon('bell-slash', { size: '14', label: t('muted') })}</span>`
        : nothing}</span>
      <time class="chat-time" datetime=${chat.active_at} title=${fullDate(chat.active_at)}>${shortDate(chat.active_at)}</time>
      <span class="chat-last" dir="auto">${lastLine(chat)}</span>
      ${unread ? unreadBadge(chat) : nothing}
    </a>`;
  }
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

/** @param {ChatView} chat */
function unreadBadge({ unread }) {
  if (!unread) return html`<span class="badge"><span class="visually-hidden">${t('marked as unread')}</span></span>`;
  const words = unread > 999 ? `${count(999)}+` : count(unread);
  return html`<span class="badge" data-unread=${unread}><span aria-hidden="true">${words}</span><span
    class="visually-hidden">${tn('{n} unread message', '{n} unread messages', unread)}</span></span>`;
}

/** @param {ChatView} chat */
function lastLine({ kind, last, draft, refused, typing }) {
  if (typing.length) return typingText(typing);
  if (refused) return html`<span class="chat-refused">${t('A message was not sent')}</span>`;
  if (draft.trim()) return html`${t('Draft:')} <bdi>${renderLine(draft)}</bdi>`;
  if (!last) return t('Say hello');
  if (last.kind !== 'text') {
    const about = last.about?.id === last.sender ? null : (last.about?.name ?? null);
    const aboutMe = last.about?.id === connect().person;
    return eventText({ ...last, about, aboutMe });
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
