import { withoutBlankEdges } from '../../../static/chats/draft-state.js';
import { isBlank } from '../../../static/realtime/both/blank.js';
import { equal, test } from './runner.js';

/** Also read by tests/core/test_clean_text.py. @type {[string, boolean][]} */
const CASES = await (await fetch('/tests/core/blank.json')).json();

for (const [text, blank] of CASES) {
  test(`${JSON.stringify(text)} ${blank ? 'shows nothing' : 'shows something'}`, () => {
    equal([isBlank(text), withoutBlankEdges(text) === ''], [blank, blank]);
  });
}
