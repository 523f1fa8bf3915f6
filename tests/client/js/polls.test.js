import { draw } from '../../../apps/plugins/polls/static/polls/entry.js';
import { equal, test } from './runner.js';

/** What stands in place of lit-html: the values of a template. @param {any} _ @param {any[]} values */
const html = (_, ...values) => values;

/** @param {any} view @returns {(() => void)[]} what the buttons of a view do, in order */
const clicks = (view) => (Array.isArray(view) ? view.flatMap(clicks) : typeof view === 'function' ? [view] : []);

/** A poll of three answers, and a server that answers when it is told to. */
function poll(data = {}) {
  /** @type {{ name: string, options: number[], answer: () => void, refuse: () => void }[]} */
  const asked = [];
  let stored = /** @type {number[]} */ ([]);
  const host = {
    html,
    nothing: '',
    t: (/** @type {string} */ words) => words,
    tn: (/** @type {string} */ words) => words,
    me: 'alice',
    nameOf: () => '',
    writable: true,
    leads: false,
    state: {},
    update: () => {},
    explain: String,
    act: (/** @type {string} */ name, /** @type {any} */ { options } = {}) =>
      new Promise((resolve, refuse) => {
        const answer = () => {
          stored = options ?? stored;
          resolve({ mine: stored, counts: [0, 0, 0], voters: 1 });
        };
        asked.push({ name, options, answer, refuse });
      }),
  };
  const entry = { data: { question: 'Eat?', options: ['a', 'b', 'c'], multiple: true, counts: [0, 0, 0], voters: 0, ...data } };
  const view = () => draw(/** @type {any} */ (entry), /** @type {any} */ (host));
  return { asked, view, store: (/** @type {number[]} */ votes) => (stored = votes), stored: () => stored };
}

/** Let all that is under way go on. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** @param {ReturnType<typeof poll>['asked']} asked */
async function answerAll(asked) {
  await settled();
  for (let next = asked.shift(); next; next = asked.shift()) {
    next.answer();
    await settled();
  }
}

test('a second answer that is chosen at once is added to the first', async () => {
  const { asked, view, stored } = poll();
  const [first, second] = clicks(view());
  first();
  second();
  await answerAll(asked);
  equal(stored(), [0, 1]);
});

test('an answer is added to those of another device', async () => {
  const { asked, view, store, stored } = poll();
  const buttons = clicks(view());
  store([2]);
  buttons[0]();
  await answerAll(asked);
  equal(stored(), [2, 0]);
});

test('a vote for one answer replaces the other', async () => {
  const { asked, view, store, stored } = poll({ multiple: false, voters: 1 });
  store([2]);
  const buttons = clicks(view());
  await answerAll(asked);
  buttons[0]();
  await answerAll(asked);
  equal(stored(), [0]);
  clicks(view())[0]();
  await answerAll(asked);
  equal(stored(), []);
});

test('nobody asks about a poll that has no votes', () => {
  const { asked, view } = poll();
  view();
  equal(asked.length, 0);
  const voted = poll({ voters: 1 });
  voted.view();
  voted.view();
  equal(voted.asked.map(({ name }) => name), ['state']);
});

test('a server that refuses is not asked at each drawing, but when the reader asks', async () => {
  const { asked, view } = poll({ voters: 1 });
  view();
  asked[0].refuse();
  await settled();
  const [, , , who] = clicks(view());
  equal(asked.length, 1);
  who();
  view();
  equal(asked.length, 2);
});
