/**
 * `<group-panel>`: the members of a group, and the actions that the reader may take.
 *
 * @module
 */

/** @import { Panel } from '../chats/side-panel.js' */
/** @import { ChatView, Command, MemberView, Role } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { avatar, nameButton, personColor } from '../accounts/person-color.js';
import { presenceMark, statusNow } from '../accounts/presence-mark.js';
import { errorText, errorView } from '../chats/error-text.js';
import { openReport } from '../moderation/open-report.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { rememberChat } from '../shell/last-chat.js';
import { focusQuestion, questionView } from '../shell/question.js';
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

/**
 * An action on a member. `question`: asked before it happens, because it cannot be taken back.
 *
 * @typedef {{ words: string, command: Command, question?: string, isAlert?: boolean }} Verb
 */

export class GroupPanel extends View {
  /** @type {ChatView | null} */
  #chat = null;
  /** @type {MemberView[] | null} */
  #members = null;
  /** Id of the member whose actions are shown. */
  #open = '';
  /** The action on that member which the reader is asked about. @type {Verb | null} */
  #asking = null;
  /** @type {'' | 'rename' | 'leave'} */
  #doing = '';
  #error = '';

  /** @type {Panel | null} */
  #asked = null;

  /** @param {ChatView | null} chat */
  set chat(chat) {
    this.#chat = chat;
    this.update();
  }

  /** What the panel was opened for: to leave the group, too. @param {Panel & { name: 'members' }} panel */
  set asked(panel) {
    // Set by each drawing of the room: what is being typed into the panel must stay.
    if (panel === this.#asked) return;
    this.#asked = panel;
    const { isLeaving } = panel;
    // Once it is in the page, and after the room has moved the focus into the panel.
    queueMicrotask(() => this.#do(isLeaving ? 'leave' : ''));
  }

  /** @param {MemberView[] | null} members */
  set members(members) {
    this.#members = members;
    this.update();
  }

  /** @param {Promise<unknown>} done @param {() => void} [after] */
  async #run(done, after) {
    this.#error = '';
    try {
      await done;
      this.#doing = '';
      this.#open = '';
      this.#asking = null;
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
          ${leads ? html`<button class="btn btn-small btn-quiet" @click=${() => this.#do('rename')}>${t('Rename')}</button>
            <a class="btn btn-small btn-quiet" href=${`/c/${chat.id}/integrations`}>${t('Integrations…')}</a>` : nothing}
          <button class="btn btn-small btn-quiet btn-alert" @click=${() => this.#do('leave')}>${t('Leave')}</button>
        </div>
        ${this.#doing ? html`<div class="panel-doing">${this.#doing === 'rename' ? this.#rename(chat) : this.#leave(chat)}</div>` : nothing}
        ${errorView(this.#error)}
      </div>
      ${leads ? html`<invite-links class="panel-part" .chat=${chat.id} .members=${this.#members?.length ?? null}></invite-links>` : nothing}
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
        this.#run(connect().command({ type: 'group.rename', chat: id, title: name }));
      }}>
      <label class="field"><b>${t('Name of the group')}</b>
        <input class="input" name="title" required maxlength="120" autocomplete="off" dir="auto" value=${title}></label>
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
          this.#run(connect().command({ type: 'group.leave', chat: id }), () => this.#left())}>${t('Leave')}</button>
      </div>`;
  }

  #left() {
    rememberChat('');
    router.go('/');
  }

  /** @param {MemberView} member @param {ChatView} chat */
  #member({ person, role, presence }, chat) {
    const me = person.id === connect().person;
    const open = this.#open === person.id;
    const status = statusNow(person);
    const words = [ROLES[role](), status && `${status.emoji} ${status.text}`.trim()];
    return html`<li class="person member ${personColor(person.id, chat.id)}" data-person=${person.id} data-role=${role}>
      ${avatar(person)}
      <b class="person-name">${nameButton(person)}${me ? html` <span class="member-you">${t('you')}</span>` : presenceMark(presence)}</b>
      <span class="person-more"><bdi>@${person.username}</bdi>${words.filter(Boolean).map((word) => html`, <bdi>${word}</bdi>`)}</span>
      ${me
        ? nothing
        : html`<div class="person-buttons"><button class="tool" aria-expanded=${open ? 'true' : 'false'}
            aria-label=${t('More about {name}', { name: person.name })} @click=${() => {
              this.#open = open ? '' : person.id;
              this.#asking = null;
              this.draw();
              this.#showFurther();
            }}>${icon('dots-three')}</button></div>`}
      ${open ? html`<div class="person-further">${this.#asking ? this.#question(this.#asking) : this.#verbs(person, role, chat)}</div>` : nothing}
    </li>`;
  }

  /**
   * Buttons for what the reader can do about another member.
   *
   * @param {Person} person
   * @param {Role} role
   * @param {ChatView} chat
   */
  #verbs(person, role, chat) {
    return html`${verbsOf(person, role, chat).map((verb) => this.#button(verb))}
      <button class="btn btn-small btn-quiet btn-alert" @click=${() =>
        openReport({ kind: 'person', person: person.id, chat: chat.id }, person.id)}>${t('Report…')}</button>`;
  }

  /** @param {Verb} verb */
  #button(verb) {
    return html`<button class="btn btn-small btn-quiet ${verb.isAlert ? 'btn-alert' : ''}" @click=${() => {
      if (verb.question) this.#ask(verb);
      else void this.#run(connect().command(verb.command));
    }}>${verb.words}</button>`;
  }

  /** Ask in place of the buttons. @param {Verb | null} verb null: take the question back */
  #ask(verb) {
    this.#asking = verb;
    this.draw();
    this.#showFurther();
    focusQuestion(this.querySelector('.person-further'));
  }

  /** @param {Verb} verb */
  #question({ words, command, question = '', isAlert = false }) {
    const yes = () => void this.#run(connect().command(command));
    return questionView({ question, words, isAlert, yes, no: () => this.#ask(null) });
  }

  /** Those of the last member would stand below the edge of the panel. */
  #showFurther() {
    this.querySelector('.person-further')?.scrollIntoView({ block: 'nearest' });
  }
}

/**
 * The actions on a member that the reader's role allows.
 *
 * @param {Person} person
 * @param {Role} role of the member
 * @param {ChatView} chat
 * @returns {Verb[]}
 */
function verbsOf({ id: person, name }, role, { id: chat, role: ownRole, writable }) {
  if (!writable || ownRole === 'member') return [];
  /** @param {string} words @param {Role} next @param {string} [question] @returns {Verb} */
  const makes = (words, next, question) => ({ words, question, command: { type: 'member.role', chat, person, role: next } });
  /** @type {Verb} */
  const remove = {
    words: t('Remove'),
    question: t('Remove {name} from the group? They can read it no more.', { name }),
    isAlert: true,
    command: { type: 'member.remove', chat, person },
  };
  if (ownRole === 'admin') return role === 'member' ? [remove] : [];
  const roles = [
    makes(t('Make owner'), 'owner', t('Make {name} an owner? Owners can remove everybody, you too.', { name })),
    makes(t('Make admin'), 'admin'),
    makes(t('Make member'), 'member', t('Make {name} a member? They may still know the invite links above: revoke those that they should not have.', { name })),
  ];
  return [...roles.filter(({ command }) => !('role' in command) || command.role !== role), remove];
}

customElements.define('group-panel', GroupPanel);
