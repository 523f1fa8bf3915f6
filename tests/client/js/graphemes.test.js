import { cut, cutStart } from '../../../static/realtime/both/platform.js';
import { equal, test } from './runner.js';

/** Also read by tests/core/test_graphemes.py. @type {[string, number, string][]} */
const CASES = await (await fetch('/tests/core/graphemes.json')).json();

for (const [text, limit, expected] of CASES) {
  test(`${text} cut to ${limit}`, () => equal(cut(text, limit), expected));
}

test('the end of a text begins with a whole grapheme', () => {
  equal([cutStart('ab👍🏽cd', 3), cutStart('ab👍🏽cd', 4), cutStart('abc', 2)], ['cd', '👍🏽cd', 'bc']);
});
