import { chooseTone, inOwnTone, noteUse, ownTone, usedEmoji, withTone } from '../../../static/chats/emoji-habits.js';
import { emojiByCode, emojiByShortcode } from '../../../static/chats/emoji.js';
import { isFewEmoji } from '../../../static/chats/markup/parse.js';
import { equal, test } from './runner.js';

test('tones are given to one or two people, not to families or things', () => {
  const given = ['👍', '☝️', '👩‍💻', '🤷‍♀️', '🧑‍🤝‍🧑', '👍🏿', '👨‍👩‍👦', '🎉', '🤼', '❤️'];
  equal(given.map((one) => withTone(one, 3)), ['👍🏽', '☝🏽', '👩🏽‍💻', '🤷🏽‍♀️', '🧑🏽‍🤝‍🧑🏽', '👍🏽', '👨‍👩‍👦', '🎉', '🤼', '❤️']);
  equal([withTone('👍🏽', 0), withTone('👩🏽‍💻', 0)], ['👍', '👩‍💻']);
});

test('the most used emoji comes first, and the chosen tone is kept', async () => {
  localStorage.clear();
  for (const one of ['🎉', '👍🏽', '🎉', '🌮']) noteUse(one);
  chooseTone(5);
  equal(usedEmoji(), ['🎉', '🌮', '👍']);
  equal([ownTone(), inOwnTone('👋')], [5, '👋🏿']);
  equal((await emojiByShortcode('ta'))[0].emoji, '🎉');
});

test('habits belong to one person', () => {
  document.body.dataset.person = 'bob';
  equal([usedEmoji(), ownTone()], [[], 0]);
  document.body.dataset.person = 'alice';
  equal(usedEmoji().length, 3);
});

test('a code names one emoji exactly', async () => {
  equal([await emojiByCode('tada'), await emojiByCode('tad'), await emojiByCode('taco')], ['🎉', null, '🌮']);
});

test('up to three emoji are shown large', () => {
  const few = ['🎉', ' ❤️ ', '👩🏽‍💻👍', '🇩🇪 🇫🇷 🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', '☝🏽', '👨‍👩‍👧‍👦', '🏳️‍🌈'];
  const other = ['', '1', '123', '🎉🎉🎉🎉', 'a🎉', '🎉!', '©', '#', '🇩', '\u200d', '🎉\n\n🎉'];
  equal(few.filter((text) => !isFewEmoji(text)), []);
  equal(other.filter(isFewEmoji), []);
});
