/** @import { MemberView } from '../../../static/realtime/contract.js' */

import { findSuggestions } from '../../../static/chats/suggestions.js';
import { equal, test } from './runner.js';

const PEOPLE = [
  ['1', 'Bob Marley', 'bob'],
  ['2', 'Anna Bobrova', 'anna.b'],
  ['3', 'Charlie', 'charlie'],
];
const WORLD = [
  ['1', '山田太郎', 'yamada'],
  ['2', 'Šárka Nováková', 'sarka'],
  ['3', 'Sofía Łukasz', 'sofia'],
  ['4', 'Дарья', 'darya'],
  ['5', 'अनुष्का', 'anushka'],
];
/** @param {string[][]} people */
const membersOf = (people) => /** @type {MemberView[]} */ (
  /** @type {unknown} */ (people.map(([id, name, username]) => ({ person: { id, name, username } })))
);
const members = membersOf(PEOPLE);

/** @param {string} text @param {boolean} [canMentionAll] */
async function inserted(text, canMentionAll = false) {
  const found = await findSuggestions(text, { chat: '', members, canMentionAll });
  return found && { from: found.from, texts: found.items.map(({ insert }) => insert) };
}

test('members are suggested by the beginning of any of their names', async () => {
  equal(await inserted('Look, @bo'), { from: 6, texts: ['@bob ', '@anna.b '] });
  equal(await inserted('@CH'), { from: 0, texts: ['@charlie '] });
});

for (const [typed, names] of /** @type {[string, string[]][]} */ ([
  ['@太郎', ['yamada']],
  ['会议@山', ['yamada']],
  ['@nova', ['sarka']],
  ['@ŠAR', ['sarka']],
  ['@łuk', ['sofia']],
  ['@luk', ['sofia']],
  ['@дар', ['darya']],
  ['@अनु', ['anushka']],
  ['@ark', ['sarka']],
  ['(@so', ['sofia']],
  ['@sarka/@sof', ['sofia']],
])) {
  test(`members are suggested by any part of a name: ${typed}`, async () => {
    const found = await findSuggestions(typed, { chat: '', members: membersOf(WORLD), canMentionAll: false });
    equal(found?.items.map(({ detail }) => detail.slice(1)), names);
  });
}

test('an @ alone suggests everybody', async () => {
  equal((await inserted('@', true))?.texts, ['@bob ', '@anna.b ', '@charlie ', '@all ']);
});

test('@all is suggested only to those who may use it', async () => {
  equal((await inserted('@al', true))?.texts, ['@all ']);
  equal(await inserted('@al'), null);
});

test('nothing is suggested inside a word or an address', async () => {
  for (const text of ['a@bo', 'x.test/@bo', 'bob', '@bob ', '10:30']) {
    equal(await inserted(text), null);
  }
});

test('emoji are suggested by the beginning of a short name, the shortest first', async () => {
  const found = await findSuggestions('Yes :tac', { chat: '', members, canMentionAll: false });
  equal([found?.from, found?.items[0].label, found?.items[0].insert], [4, ':taco:', '🌮 ']);
});
