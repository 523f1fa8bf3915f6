/**
 * Draws a poll: its answers, each with its part of the votes. docs/plugins.md has the interface.
 *
 * @module
 */

/** @import { Entry, Host } from '../../../../static/chats/plugin-entry.js' */

export const stylesheet = 'entry.css';
export const languages = ['de'];

/** @param {Entry} entry @param {Host} host */
export function draw(entry, host) {
  const { html, nothing, t, state } = host;
  const { question, options, multiple, anonymous, closed } = entry.data;
  const isNew = state.asked !== JSON.stringify(entry.data.counts);
  if (state.asked === undefined || (state.shown && isNew)) void ask(entry, host);
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
    ${state.error ? html`<p class="error" role="alert">${state.error}</p>` : nothing}
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
  const names = state.shown ? (state.people?.[place] ?? []).map((/** @type {string} */ id) => (id === host.me ? t('You') : host.nameOf(id) || t('Somebody'))) : [];
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
  if (!state.closing) return more(host, t('Close the poll'), () => (state.closing = true));
  return html`${more(host, t('Close it for good'), () => run(host, () => host.act('close')))}
    ${more(host, t('Keep it open'), () => (state.closing = false))}`;
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

/** Choose an answer, or take it back. @param {Entry} entry @param {Host} host @param {number} place */
function choose(entry, host, place) {
  const before = /** @type {number[]} */ (host.state.mine ?? []);
  const others = entry.data.multiple ? before.filter((one) => one !== place) : [];
  const options = before.includes(place) ? others : [...others, place];
  return run(host, async () => keep(entry, host, await host.act('vote', { options })));
}

/** Who chose what, as it is now. @param {Host} host */
function show({ state }) {
  state.shown = !state.shown;
  state.asked = null;
}

/** The reader's own choice, and who chose what: the entry does not have them, it is the same for all.
 * @param {Entry} entry @param {Host} host */
async function ask(entry, host) {
  host.state.asked = JSON.stringify(entry.data.counts);
  try {
    keep(entry, host, await host.act('state'));
  } catch {
    // Offline: a vote asks again.
    return;
  }
  host.update();
}

/** @param {Entry} entry @param {Host} host @param {Record<string, any>} found */
function keep(entry, host, found) {
  Object.assign(host.state, found, { before: JSON.stringify(entry.data.counts) });
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
