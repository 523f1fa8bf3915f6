/**
 * `<choose-chats>`: pick chats in which the reader may write.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { botMark, personColor } from '../accounts/person-color.js';
import { ChooseList } from '../groups/choose-list.js';
import { connect } from '../realtime/client.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { presenceMark } from '../accounts/presence-mark.js';
import { chatAvatar, chatTitle } from './list.js';

/** @extends {ChooseList<ChatView>} */
export class ChooseChats extends ChooseList {
  /** @type {ChatView[] | null} */
  #chats = null;

  start() {
    this.draw();
    this.addCleanup(
      connect().watchChats((chats) => {
        this.#chats = chats.filter(({ writable }) => writable);
        this.update();
      }),
    );
  }

  words() {
    return {
      placeholder: t('Name of a chat'),
      label: t('Find among your chats'),
      none: html`<p class="people-none">${t('There is no chat in which you can write.')}</p>`,
    };
  }

  choices() {
    return this.#chats?.map((chat) => {
      const { id, person, members, presence } = chat;
      return {
        id,
        value: chat,
        name: chatTitle(chat),
        found: `${chatTitle(chat)} ${person?.username ?? ''}`,
        color: personColor(person?.id ?? id),
        picture: chatAvatar(chat),
        after: html`${botMark(person?.bot)}${presenceMark(presence)}`,
        more: person ? (person.username ? html`<bdi>@${person.username}</bdi>` : nothing) : tn('{n} person', '{n} people', members),
      };
    }) ?? null;
  }
}

customElements.define('choose-chats', ChooseChats);
