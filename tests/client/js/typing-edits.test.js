/** @import { Edit } from '../../../static/chats/typing-edits.js' */

import { endsInFence } from '../../../static/chats/markup/parse.js';
import { caretIn, finishedCode, isInCode, lineBreak, linked, marked } from '../../../static/chats/typing-edits.js';
import { equal, test } from './runner.js';

/** `|` is the caret, `[` and `]` enclose the selection. @param {string} text
 * @param {(text: string, start: number, end: number) => Edit | null} change */
function changed(text, change) {
  const start = text.search(/[[|]/);
  const plain = text.replace(/[[|]/, '');
  const end = text.includes('[') ? plain.indexOf(']') : start;
  const value = plain.replace(']', '');
  const edit = change(value, start, end);
  if (!edit) return null;
  const now = value.slice(0, edit.from) + edit.insert + value.slice(edit.to);
  return edit.start === edit.end
    ? `${now.slice(0, edit.start)}|${now.slice(edit.start)}`
    : `${now.slice(0, edit.start)}[${now.slice(edit.start, edit.end)}]${now.slice(edit.end)}`;
}

for (const [text, expected] of [
  ['words|', null],
  ['- a|', '- a\n- |'],
  ['* a|b', '* a\n* |b'],
  ['x\n9. a|\nb', 'x\n9. a\n10. |\nb'],
  ['  - a|', '  - a\n  - |'],
  ['> a|', '> a\n> |'],
  ['>> a|', '>> a\n>> |'],
  ['> - a|', '> - a\n> - |'],
  ['>> 1. a|', '>> 1. a\n>> 2. |'],
  ['> - a\n> - |', '> - a\n> |'],
  ['- a\n- |', '- a\n|'],
  ['1. a\n2. |', '1. a\n|'],
  ['> a\n> |', '> a\n|'],
  ['>_<|', null],
  ['-5|', null],
  ['-|', null],
  ['- a[b]', '- a\n- |'],
  ['- |foo', '- \n- |foo'],
  ['- |\nfoo', '|\nfoo'],
  ['2026. A good year|', null],
  ['24. 12. 2026|', null],
  ['- ```\n  a|', '- ```\n  a\n  |'],
  ['- ```\n  a\n  |', '- ```\n  a\n  \n  |'],
  ['```py\n  if a:|', '```py\n  if a:\n  |'],
  ['```py|', null],
  ['```\n- a|', null],
  ['```\na\n```\n- b|', '```\na\n```\n- b\n- |'],
]) {
  test(`a new line after ${text}`, () => equal(changed(text ?? '', lineBreak), expected));
}

for (const [text, mark, expected] of /** @type {[string, '**' | '*' | '~~', string][]} */ ([
  ['a [b] c', '**', 'a [**b**] c'],
  ['a [**b**] c', '**', 'a [b] c'],
  ['a **[b]** c', '**', 'a [b] c'],
  ['[ b ]', '*', '[ *b* ]'],
  ['**[b]**', '*', '**[*b*]**'],
  ['[**b**]', '*', '[***b***]'],
  ['[***b***]', '**', '[*b*]'],
  ['***[b]***', '*', '**[b]**'],
  ['[a\n\nb]', '~~', '[~~a~~\n\n~~b~~]'],
  ['a |', '**', 'a **|**'],
  ['a **|**', '**', 'a |'],
  ['[- a\n- b]', '**', '[- **a**\n- **b**]'],
  ['[- **a**\n- **b**]', '**', '[- a\n- b]'],
  ['x [a\n> 1. b\n\n]', '*', 'x [*a*\n> 1. *b*\n\n]'],
  ['[**a**\nb]', '**', '[**a**\n**b**]'],
  ['[a **b** c]', '**', '[**a b c**]'],
  ['[**a** **b**]', '**', '[a b]'],
  ['[~~**a**~~]', '**', '[~~a~~]'],
  ['[*.py 2**3 `**a**`]', '*', '[**.py 2**3 `**a**`*]'],
])) {
  test(`${mark} around ${text}`, () => equal(changed(text, (...given) => marked(...given, mark)), expected));
}

for (const [text, address, expected] of /** @type {[string, string, string | null][]} */ ([
  ['see {the map} here', 'https://a.test/b_(c)\n', 'see [the map](https://a.test/b_(c))| here'],
  ['see {the map }here', 'www.a.test', 'see [the map](www.a.test) |here'],
  ['{https://a.test/1}', 'https://a.test/2', null],
  ['{b.test}', 'https://a.test', null],
  ['{two\nlines}', 'https://a.test', null],
  ['{a [b]}', 'https://a.test', null],
  ['`{code}`', 'https://a.test', null],
  ['[{words}](https://b.test)', 'https://a.test', null],
  ['{words}', 'more words', null],
  ['{words}', 'https://a.test and more', null],
])) {
  test(`${address} pasted over ${text}`, () => {
    const [start, end] = [text.indexOf('{'), text.indexOf('}') - 1];
    const value = text.replace(/[{}]/g, '');
    const edit = linked(value, start, end, address);
    equal(edit && `${value.slice(0, edit.from)}${edit.insert}|${value.slice(edit.to)}`, expected);
  });
}

test('a fence is open until it is closed', () => {
  const open = ['```', '```py', 'a\n```\nb', '````\n```', '~~~\na\n```', '~~~\n', '> ```\n> a', '- ```\n  a', '- ```\n  ', '```\n```\n```', '```\n> ```\nstill code'];
  const closed = [
    '', '```a```', '```\na\n```', '~~~ see you ~~~', 'a ```', '```\n````', '> ```\n> a\n> ```', '> ```\n> code\nmy reply',
    '- ```\n  a\n', '    ```\na', '~~~', '~~~ok', '```\na```',
  ];
  equal(open.filter((text) => !endsInFence(text)), []);
  equal(closed.filter(endsInFence), []);
});

test('the code of an emoji is finished by its colon, not in code or after a letter', () => {
  equal(finishedCode('Yes :Tada:'), { from: 4, code: 'tada' });
  equal(finishedCode('你好:+1:'), null);
  const none = ['a:b:', '10:30:', '::a:', ':a b:', 'https://a:b:', '`:tada:', '```\n:tada:', ':tada'];
  equal(none.filter(finishedCode), []);
  equal([isInCode('`a` b'), isInCode('`` a ` b'), isInCode('\\`a'), isInCode('geht`s @bo')], [false, true, false, false]);
});

for (const [before, text, now] of [
  ['At |six', 'At six, I think', 'At |six, I think'],
  ['At |six', 'Well, at six', 'Well, at |six'],
  ['At six|', 'At six, I think', 'At six, I think|'],
  ['|', 'At six', 'At six|'],
  ['At |six', 'By the ferry', 'By the ferry|'],
]) {
  test(`a caret stays between its words: ${before} ${text}`, () => {
    const caret = caretIn(before.replace('|', ''), before.indexOf('|'), text);
    equal(`${text.slice(0, caret)}|${text.slice(caret)}`, now);
  });
}
