import { initials, personColor } from '../../../static/accounts/person-color.js';
import { equal, test } from './runner.js';

test('a person has the same one of eight hues everywhere', () => {
  const ids = Array.from({ length: 800 }, () => crypto.randomUUID());
  const hues = ids.map(personColor);
  equal(hues, ids.map(personColor));
  equal([...new Set(hues)].sort(), [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `hue-${n}`));
});

test('initials are of the first and the last word', () => {
  equal(['bob', 'Anna Maria Bobrova', '  ', '😀 x'].map(initials), ['B', 'AB', '', '😀X']);
});
