import { tokenize } from '../../../static/chats/highlight.js';
import { equal, test } from './runner.js';

for (const [language, program, highlighted] of [
  ['js', 'const a = `x ${b}`; // c', 'keyword const, string `x ${b}`, comment // c'],
  ['TS', 'let a: number = f(0x1f)', 'keyword let, keyword number, name f, number 0x1f'],
  ['sql', 'SELECT 1 -- all', 'keyword SELECT, number 1, comment -- all'],
  ['json', '{"a": "b", "c": null}', 'name "a", string "b", name "c", keyword null'],
  ['bash', 'echo $HOME a#b # no', 'keyword echo, name $HOME, comment # no'],
  ['yaml', 'key: yes # why', 'name key, keyword yes, comment # why'],
  ['css', '.a { color: 1px } /* b */', 'name color, number 1, comment /* b */'],
  ['html', '<b>x</b><!-- y -->', 'name <b, name >, name </b, name >, comment <!-- y -->'],
  ['diff', '+new\n-old\n same', 'string +new, name -old'],
  ['js', '/* a\nb */ c /* d\ne', 'comment /* a\nb */, comment /* d\ne'],
  ['python', '"""a\nb""" # c', 'string """a\nb""", comment # c'],
  ['kotlin', '"""a\nb', 'string """a\nb'],
  ['html', '<!-- a\nb --><b', 'comment <!-- a\nb -->, name <b'],
  ['c++', '#include <a>\nint f() {}', 'keyword #include, keyword int, name f'],
]) {
  test(`${language} is highlighted: ${program}`, () => {
    const tokens = tokenize(program, language) ?? [];
    equal(tokens.map(({ text }) => text).join(''), program);
    const shown = tokens.filter(({ kind }) => kind !== 'plain');
    equal(shown.map(({ kind, text }) => `${kind} ${text}`).join(', '), highlighted);
  });
}

test('an unknown language is not highlighted', () => equal(tokenize('x', 'klingon'), null));

test('the worst programs are tokenized completely', () => {
  for (const sign of ['a', 'a-', '"', '`', '/*', '<!--', '1_', '{']) {
    const program = sign.repeat(99_000 / sign.length);
    for (const language of ['js', 'css', 'yaml', 'json', 'html', 'rust']) {
      const tokens = tokenize(program, language) ?? [];
      equal(tokens.map(({ text }) => text).join('') === program, true);
    }
  }
});
