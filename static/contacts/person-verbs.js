/**
 * What the reader can do about another person, as buttons: invite, accept, write, block, report.
 *
 * @module
 */

/** @import { ContactVerb, ContactView } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { renderText } from '../chats/markup/render.js';
import { openReport } from '../moderation/open-report.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { questionView } from '../shell/question.js';
import { router } from '../shell/router.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/** As the server's. */
const MAX_GREETING = 500;

/** @typedef {ContactVerb | 'write'} PersonVerb */
/** @typedef {(verb: PersonVerb) => void} Act */

/**
 * Carry out one of them. Accepting and writing lead to the chat of the two.
 *
 * @param {PersonVerb} verb
 * @param {string} person
 */
export async function carryOut(verb, person) {
  if (verb !== 'write') await connect().command({ type: `contact.${verb}`, person });
  if (verb !== 'write' && verb !== 'accept') return;
  const { chat } = await connect().command({ type: 'chat.direct', person });
  router.go(`/c/${chat}`);
}

/** The buttons that one wants first. @param {ContactView['state']} state @param {Act} act */
export function mainVerbs(state, act) {
  /** @param {string} words @param {PersonVerb} verb @param {string} [kind] */
  const button = (words, verb, kind = 'btn-quiet') =>
    html`<button class="btn btn-small ${kind}" @click=${() => act(verb)}>${words}</button>`;
  switch (state) {
    case 'incoming':
      return html`${button(t('Accept'), 'accept', '')}${button(t('Decline'), 'decline')}`;
    case 'outgoing':
      return button(t('Withdraw'), 'cancel');
    case 'blocked':
      return button(t('Unblock'), 'unblock');
    case 'contact':
      return button(t('Message'), 'write');
    default:
      return button(t('Invite'), 'invite');
  }
}

/**
 * What was said with an invitation; or, with an own one that says nothing yet, a field for that.
 *
 * @param {Pick<ContactView, 'state' | 'greeting'>} contact
 * @param {Person} person
 * @param {(text: string) => Promise<unknown>} greet
 */
export function greetingView({ state, greeting }, { name }, greet) {
  if (greeting) return html`<blockquote class="greeting text" dir="auto">${renderText(greeting)}</blockquote>`;
  if (state !== 'outgoing') return nothing;
  /** @param {SubmitEvent} event */
  const submitted = (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    void greet(String(new FormData(form).get('text')));
  };
  return html`<p class="greeting-sent">${icon('check', { size: '16' })} ${t('Invitation sent. You can say hello with it, once:')}</p>
    <form class="greeting-form" @submit=${submitted}>
    <input class="input" name="text" required maxlength=${MAX_GREETING} autocomplete="off" dir="auto"
      aria-label=${t('What {name} reads with the invitation', { name })}>
    <button class="btn btn-small btn-quiet">${t('Add greeting')}</button></form>`;
}

/** @param {string} person @param {string} text */
export const greet = (person, text) => connect().command({ type: 'contact.greet', person, text });

/** Whether there are further verbs. @param {ContactView['state']} state */
export const hasFurtherVerbs = (state) => state !== 'blocked';

/** What is asked before some of them. @type {Partial<Record<PersonVerb, (name: string) => { question: string, words: string }>>} */
const QUESTIONS = {
  remove: (name) => ({
    question: t('Remove {name} from your contacts? You can write to each other again only after a new invitation.', { name }),
    words: t('Remove'),
  }),
  block: (name) => ({
    question: t('Block {name}? Blocked people cannot find you or write to you. They are not told that you blocked them.', { name }),
    words: t('Block'),
  }),
};

/**
 * Those that end something, or the question before one of them.
 *
 * @param {Person} person
 * @param {object} context
 * @param {ContactView['state']} context.state
 * @param {PersonVerb | ''} context.asking
 * @param {(verb: PersonVerb | '') => void} context.ask
 * @param {Act} context.act
 */
export function furtherVerbs({ id, name }, { state, asking, ask, act }) {
  const asked = asking && QUESTIONS[asking]?.(name);
  return html`<div class="person-further">
    ${asked
      ? questionView({ ...asked, yes: () => act(asking), no: () => ask('') })
      : html`${state === 'contact'
            ? html`<button class="btn btn-small btn-quiet" @click=${() => ask('remove')}>${t('Remove from your contacts')}</button>`
            : nothing}
          <button class="btn btn-small btn-quiet btn-alert" @click=${() => ask('block')}>${t('Block')}</button>
          <button class="btn btn-small btn-quiet btn-alert" @click=${() => openReport({ kind: 'person', person: id }, id)}>${t('Report…')}</button>`}
  </div>`;
}
