/** @import { Note } from '../../../static/realtime/wire.js' */

import { cardsView } from '../../../static/chats/cards.js';
import { notesView } from '../../../static/chats/command-notes.js';
import { connect } from '../../../static/realtime/client.js';
import { render } from '../../../static/shell/view.js';
import { equal, test } from './runner.js';

/** @param {string} id */
const note = (id) =>
  /** @type {Note} */ ({ id, chat: 'chat', command: 'help', text: id, at: '2026-01-01T09:00:00Z', until: '2999-01-01T09:00:00Z' });

test('several answers are dismissed at once, a single one by its own button', async () => {
  /** @type {string[]} */
  const dismissed = [];
  Object.assign(connect(), { command: async (/** @type {{ note: string }} */ given) => void dismissed.push(given.note) });
  const place = document.createElement('div');
  render(notesView([note('a')]), place);
  equal(place.querySelector('.command-notes-all'), null);
  render(notesView([note('a'), note('b')]), place);
  /** @type {HTMLButtonElement | null} */ (place.querySelector('.command-notes-all'))?.click();
  equal(dismissed.sort(), ['a', 'b']);
});

test('an answer for one person has cards, and one for everybody says who ran the command', async () => {
  const place = document.createElement('div');
  document.body.append(place);
  const links = [{ text: 'Open', url: 'https://example.org/' }];
  const parts = [{ type: /** @type {const} */ ('header'), text: '12 degrees' }, { type: /** @type {const} */ ('links'), links }];
  render(notesView([{ ...note('a'), cards: [{ parts }] }]), place);
  await null;
  equal(place.querySelector('a')?.tabIndex, 0);
  equal(place.querySelector('.command-note .program-header')?.textContent, '12 degrees');
  const run = { type: /** @type {const} */ ('run'), person: 'b', command: '/weather' };
  const bob = { id: 'b', username: 'bob', name: 'Bob' };
  for (const [people, words] of /** @type {const} */ ([[{ b: bob }, 'Bob ran /weather'], [{}, 'Somebody ran /weather']])) {
    render(cardsView([{ parts: [run] }], undefined, people), place);
    equal(place.textContent?.trim(), words);
  }
  place.remove();
});
