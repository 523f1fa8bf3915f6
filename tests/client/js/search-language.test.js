import { hasFilter, openFilter, partsOf, problemOf, rangeOf, searchable, withoutFilter, wordsOf } from '../../../static/search/language.js';
import { equal, test } from './runner.js';

/** Also read by tests/chats/search/test_language.py. @type {[string, string | null, string | null][]} */
const CASES = await (await fetch('/tests/chats/search/queries.json')).json();
const WEDNESDAY = '2026-12-02';

for (const [text, ...days] of CASES) {
  test(`search: ${text}`, () => {
    const problem = problemOf(text, WEDNESDAY);
    if (days[0] === 'error') equal(problem?.key, 'date');
    else equal([problem, ...rangeOf(text, WEDNESDAY)], [null, ...days]);
  });
}

test('an unknown kind of content is a problem', () => {
  equal(problemOf('has:pdf', WEDNESDAY), { key: 'has', value: 'pdf' });
  equal(problemOf('has:LINK -has:pdf she has: nothing', WEDNESDAY), null);
});

test('words are what is neither filtered nor left out', () => {
  equal(wordsOf('red "dark blue" from: bob in:"A b" -green has:link --no-verify 12:30'), ['red', 'dark', 'blue', '--no-verify', '12:30']);
  equal(partsOf('from: Bob -x').map(({ dash, key, value }) => [dash, key, value]), [[false, 'from', 'Bob'], [true, '', 'x']]);
});

test('the filter at the end is being typed', () => {
  equal(openFilter('tide from:bo'), { key: 'from', value: 'bo', start: 5 });
  equal(openFilter('in:"Design te'), { key: 'in', value: 'Design te', start: 0 });
  equal(openFilter('before:'), { key: 'before', value: '', start: 0 });
  equal(openFilter('after: last we'), { key: 'after', value: 'last we', start: 0 });
  equal(['from:bob ', 'in:"Design"', 'xfrom:b', 'bob'].map(openFilter), [null, null, null, null]);
});

test('a whole filter is seen, and removed', () => {
  equal(['has:image', 'tide HAS:image x', 'has: image', '"has:image"', 'has:imag', '-has:image'].map((text) => hasFilter(text, 'has:image')), [true, true, true, false, false, false]);
  equal(['has:image tide', 'tide has: image has:file', 'has:images'].map((text) => withoutFilter(text, 'has:image')), ['tide', 'tide has:file', 'has:images']);
});

test('an unfinished filter is not searched for', () => {
  equal(['tide from:', 'tide from: ', 'from:', 'a', ' ab '].map(searchable), ['tide', 'tide', '', '', 'ab']);
});
