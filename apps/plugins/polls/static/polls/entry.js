/**
 * Draws a poll: its answers, each with its part of the votes. docs/plugins.md has the interface.
 *
 * @module
 */

/** @import { Entry, Host } from '../../../../../static/chats/plugin-entry.js' */

export const stylesheet = 'entry.css';
export const languages = ['de'];

/** Polls are drawn often, and a server that refuses must not be asked each time. */
const RETRY_MS = 5000;

/** @param {Entry} entry @param {Host} host */
export function draw(entry, host) {
  const { html, nothing, t, state } = host;
  const { question, options, multiple, anonymous, closed } = entry.data;
  const isNew = state.asked !== JSON.stringify(entry.data.counts);
  // The reader may have voted elsewhere before they came back.
  const isBack = state.mine && state.returns !== host.returns;
  // Nobody asks about a poll without votes, as all who see a new one would do at once.
  if (isNew && !(state.failedAt > Date.now() - RETRY_MS) && (state.shown || isBack || (!state.mine && entry.data.voters))) void ask(entry, host);
  const can = host.writable && !closed;
  return html`<div class="poll">
    <p class="poll-question" dir="auto">${question}</p>
    <p class="poll-kind">${kind(entry, host)}</p>
    <div class="poll-options" role=${multiple ? 'group' : 'radiogroup'} aria-label=${question}>
      ${options.map((/** @type {string} */ _, /** @type {number} */ place) => optionView(entry, host, { place, can }))}
    </div>
    <p class="poll-more"><span role="status">${summary(entry, host)}</span>
      ${anonymous || !votersOf(entry, host) ? nothing : more(host, state.shown ? t('Hide who chose what') : t('Who chose what'), () => show(host))}
      ${can && (entry.mine || host.leads) ? closeView(host) : nothing}</p>
    ${state.error && !closed ? html`<p class="error" role="alert">${state.error}</p>` : nothing}
  </div>`;
}

/** @param {Entry} entry @param {Host} host @param {{ place: number, can: boolean }} option */
function optionView(entry, host, { place, can }) {
  const { html, nothing, t, tn, state } = host;
  const { options, multiple } = entry.data;
  const count = countsOf(entry, host)[place] ?? 0;
  const voters = votersOf(entry, host);
  const part = voters ? Math.round((100 * count) / voters) : 0;
  const mine = (state.mine ?? []).includes(place);
  const people = /** @type {string[]} */ ((state.shown && state.people?.[place]) || []);
  const names = people.map((id) => (id === host.me ? t('You') : host.nameOf(id) || t('Somebody')));
  // The server names the first ones.
  if (names.length && count > names.length) names.push(t('{n} more', { n: count - names.length }));
  return html`<button class="poll-option ${mine ? 'poll-mine' : ''}" role=${multiple ? 'checkbox' : 'radio'} aria-checked=${mine}
    aria-disabled=${can ? nothing : 'true'} @click=${() => can && choose(entry, host, place)}>
    <span class="poll-mark" aria-hidden="true">${mine ? '✓' : ''}</span>
    <bdi class="poll-answer">${options[place]}</bdi>
    <span class="poll-count">${tn('{n} vote', '{n} votes', count)}</span>
    <progress class="poll-bar" max="100" value=${part} aria-hidden="true"></progress>
    ${names.length ? html`<span class="poll-names"><bdi>${names.join(', ')}</bdi></span>` : nothing}
  </button>`;
}

/** A closed poll stays closed, so that it asks first. @param {Host} host */
function closeView(host) {
  const { html, t, state } = host;
  // The same button, so that it keeps the focus.
  return html`${more(host, state.closing ? t('Keep it open') : t('Close the poll'), () => (state.closing = !state.closing))}
    ${state.closing ? more(host, t('Close it for good'), () => run(host, () => host.act('close'))) : host.nothing}`;
}

/** @param {Host} host @param {string} words @param {() => unknown} act */
const more = (host, words, act) =>
  host.html`<button class="link" @click=${() => {
    act();
    host.update();
  }}>${words}</button>`;

/** @param {Entry} entry @param {Host} host */
function kind({ data }, { t }) {
  const words = [data.multiple ? t('Choose several') : t('Choose one')];
  if (data.anonymous) words.push(t('nobody sees who chose what'));
  return words.join(', ');
}

/** @param {Entry} entry @param {Host} host */
function summary(entry, host) {
  const { t, tn } = host;
  const people = tn('{n} person voted', '{n} people voted', votersOf(entry, host));
  return entry.data.closed ? `${t('This poll is closed.')} ${people}` : people;
}

/**
 * The numbers: those of the reader's own vote until the entry has them, too.
 *
 * @param {Entry} entry
 * @param {Host} host
 */
const own = (entry, { state }) => (state.before === JSON.stringify(entry.data.counts) ? state : entry.data);

/** @param {Entry} entry @param {Host} host @returns {number[]} */
const countsOf = (entry, host) => own(entry, host).counts ?? entry.data.counts;

/** @param {Entry} entry @param {Host} host @returns {number} */
const votersOf = (entry, host) => own(entry, host).voters ?? entry.data.voters;

/**
 * Choose an answer, or take it back: one after the other, each beside those that are stored then. An
 * earlier one may still be on its way, and another device may have voted, too.
 *
 * @param {Entry} entry
 * @param {Host} host
 * @param {number} place
 */
function choose(entry, host, place) {
  const { state, act } = host;
  const isChosen = !(state.mine ?? []).includes(place);
  const vote = async () => {
    /** @type {number[]} */
    const stored = entry.data.multiple ? (await act('state')).mine : [];
    const others = stored.filter((one) => one !== place);
    keep(entry, host, await act('vote', { options: isChosen ? [...others, place] : others }));
  };
  state.voting = (state.voting ?? Promise.resolve()).then(() => run(host, vote));
}

/** Who chose what, as it is now. @param {Host} host */
function show({ state }) {
  state.shown = !state.shown;
  state.asked = state.failedAt = null;
}

/** The reader's own choice, and who chose what: the entry does not have them, it is the same for all.
 * @param {Entry} entry @param {Host} host */
async function ask(entry, host) {
  host.state.asked = JSON.stringify(entry.data.counts);
  try {
    keep(entry, host, await host.act('state'));
  } catch {
    // Offline: asked again when the poll is drawn some time later.
    host.state.asked = null;
    host.state.failedAt = Date.now();
    return;
  }
  host.update();
}

/** @param {Entry} entry @param {Host} host @param {Record<string, any>} found */
function keep(entry, host, found) {
  Object.assign(host.state, found, { before: JSON.stringify(entry.data.counts), returns: host.returns });
}

/** @param {Host} host @param {() => Promise<unknown>} act */
async function run(host, act) {
  host.state.error = '';
  try {
    await act();
  } catch (error) {
    host.state.error = host.explain(error);
  }
  host.update();
}
