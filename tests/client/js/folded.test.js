import { isFound } from '../../../static/shell/folded.js';
import { equal, test } from './runner.js';

for (const [typed, names, found] of /** @type {[string, string, boolean][]} */ ([
  ['太郎', '山田太郎 @yamada', true],
  ['sar nova', 'Šárka Nováková @sarka', true],
  ['ŁUK', 'Sofía Łukasz @sofia', true],
  ['strasse', 'Anna Straße @anna', true],
  ['@ann', 'Anna Straße @anna', true],
  ['שלום', 'שָׁלוֹם @s', true],
  ['ｶﾅ', 'カナ @kana', true],
  ['が', 'か @ka', false],
  ['sara', 'Šárka Nováková @sarka', false],
])) {
  test(`names: ${typed} in ${names}`, () => equal(isFound(names, typed), found));
}
