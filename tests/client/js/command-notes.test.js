/** @import { Note } from '../../../static/realtime/wire.js' */

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
