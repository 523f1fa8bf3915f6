/**
 * `<group-panel>`: the members of a group, and the actions that the reader may take.
 *
 * @module
 */

/** @import { ChatView, Command, MemberView, Role } from '../realtime/contract.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { onlineDot } from '../chats/list.js';
import { errorText, errorView } from '../chats/error-text.js';
import { openReport } from '../moderation/open-report.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { openAddPeople } from './add-people.js';
import './group-picture.js';
import './invite-links.js';

const ROLES = {
  owner: () => t('owner'),
  admin: () => t('admin'),
  member: () => '',
};

export class GroupPanel extends View {
  /** @type {ChatView | null} */
  #chat = null;
  /** @type {MemberView[] | null} */
  #members = null;
  /** Id of the member whose actions are shown. */
  #open = '';
  /** @type {'' | 'rename' | 'leave'} */
  #doing = '';
  #error = '';

  /** @param {ChatView | null} chat */
  set chat(chat) {
    this.#chat = chat;
    this.update();
  }

  /** @param {MemberView[] | null} members */
  set members(members) {
    this.#members = members;
    this.update();
  }

  /** @param {Promise<unknown>} done @param {() => void} [after] */
  async #ask(done, after) {
    this.#error = '';
    try {
      await done;
      this.#doing = '';
      this.#open = '';
      after?.();
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  /** @param {'' | 'rename' | 'leave'} what */
  #do(what) {
    this.#doing = what;
    this.#error = '';
    this.draw();
    /** @type {HTMLElement | null} */ (this.querySelector('.panel-doing input, .panel-doing button'))?.focus();
  }

  view() {
    const chat = this.#chat;
    if (!chat) return nothing;
    // In a closed group nobody changes anything.
    const leads = chat.role !== 'member' && chat.writable;
    return html`${leads ? html`<group-picture class="panel-part" .chat=${chat}></group-picture>` : nothing}<div class="panel-part">
        <div class="panel-buttons">
          ${chat.writable ? html`<button class="btn btn-small btn-quiet" @click=${() => this.#add(chat)}>${t('Add people')}</button>` : nothing}
          ${leads ? html`<button class="btn btn-small btn-quiet" @click=${() => this.#do('rename')}>${t('Rename')}</button>` : nothing}
          <button class="btn btn-small btn-quiet btn-alert" @click=${() => this.#do('leave')}>${t('Leave')}</button>
        </div>
        ${this.#doing ? html`<div class="panel-doing">${this.#doing === 'rename' ? this.#rename(chat) : this.#leave(chat)}</div>` : nothing}
        ${errorView(this.#error)}
      </div>
      ${leads ? html`<invite-links class="panel-part" .chat=${chat.id}></invite-links>` : nothing}
      <section class="panel-part" aria-labelledby="panel-members"><h3 class="people-head" id="panel-members">${t('In this group')}</h3>
        ${this.#members ? nothing : html`<p class="people-none">${t('Loading the members…')}</p>`}
        <ul role="list">${repeat(
          this.#members ?? [],
          ({ person }) => person.id,
          (member) => this.#member(member, chat),
        )}</ul></section>`;
  }

  /** @param {ChatView} chat */
  #add({ id }) {
    openAddPeople(id, new Set((this.#members ?? []).map(({ person }) => person.id)));
  }

  /** @param {ChatView} chat */
  #rename({ id, title }) {
    return html`<form class="panel-form" @submit=${(/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const form = /** @type {HTMLFormElement} */ (event.target);
        const name = String(new FormData(form).get('title'));
        this.#ask(connect().command({ type: 'group.rename', chat: id, title: name }));
      }}>
      <label class="field"><b>${t('Name of the group')}</b>
        <input class="input" name="title" required maxlength="100" autocomplete="off" dir="auto" value=${title}></label>
      <div class="panel-buttons"><button class="btn btn-small">${t('Save')}</button>
        <button type="button" class="btn btn-small btn-quiet" @click=${() => this.#do('')}>${t('Cancel')}</button></div>
    </form>`;
  }

  /** @param {ChatView} chat */
  #leave({ id }) {
    return html`<p>${t('Leave this group? You can come back only when somebody adds you.')}</p>
      <div class="panel-buttons">
        <button class="btn btn-small btn-quiet" @click=${() => this.#do('')}>${t('Stay')}</button>
        <button class="btn btn-small btn-quiet btn-alert" @click=${() =>
          this.#ask(connect().command({ type: 'group.leave', chat: id }), () => router.go('/'))}>${t('Leave')}</button>
      </div>`;
  }

  /** @param {MemberView} member @param {ChatView} chat */
  #member({ person, role, presence }, chat) {
    const me = person.id === connect().person;
    const verbs = me ? [] : this.#verbs(person.id, role, chat);
    const open = this.#open === person.id;
    const words = [ROLES[role](), person.status && `${person.status.emoji} ${person.status.text}`.trim()];
    return html`<li class="person member ${personColor(person.id)}" data-person=${person.id} data-role=${role}>
      ${avatar(person)}
      <b class="person-name"><bdi>${person.name}</bdi>${me ? html` <span class="member-you">${t('you')}</span>` : onlineDot(presence?.online, presence?.away)}</b>
      <span class="person-more"><bdi>@${person.username}</bdi>${words.filter(Boolean).map((word) => html`, <bdi>${word}</bdi>`)}</span>
      ${verbs.length
        ? html`<div class="person-buttons"><button class="tool" aria-expanded=${open ? 'true' : 'false'}
            aria-label=${t('More about {name}', { name: person.name })} @click=${() => {
              this.#open = open ? '' : person.id;
              this.update();
            }}>${icon('dots-three')}</button></div>`
        : nothing}
      ${open ? html`<div class="person-further">${verbs}</div>` : nothing}
    </li>`;
  }

  /**
   * Buttons for the actions that the reader's role allows on another member.
   *
   * @param {string} person
   * @param {Role} role
   * @param {ChatView} chat
   */
  #verbs(person, role, { id, role: ownRole, writable }) {
    /** @param {string} words @param {Command} command @param {string} [kind] */
    const verb = (words, command, kind = '') =>
      html`<button class="btn btn-small btn-quiet ${kind}" @click=${() => this.#ask(connect().command(command))}>${words}</button>`;
    /** @param {string} words @param {Role} next */
    const makes = (words, next) => verb(words, { type: 'member.role', chat: id, person, role: next });
    const own = writable ? ownRole : 'member';
    /** @type {unknown[]} */
    const verbs = [];
    if (own === 'owner') {
      if (role !== 'owner') verbs.push(makes(t('Make owner'), 'owner'));
      if (role !== 'admin') verbs.push(makes(t('Make admin'), 'admin'));
      if (role !== 'member') verbs.push(makes(t('Make member'), 'member'));
    }
    if (own === 'owner' || (own === 'admin' && role === 'member')) {
      verbs.push(verb(t('Remove'), { type: 'member.remove', chat: id, person }, 'btn-alert'));
    }
    verbs.push(html`<button class="btn btn-small btn-quiet btn-alert" @click=${() => openReport({ kind: 'person', person, chat: id }, person)}>${t('Report…')}</button>`);
    return verbs;
  }
}

customElements.define('group-panel', GroupPanel);
