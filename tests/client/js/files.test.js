/** @import { File } from '../../../static/realtime/wire.js' */

import { fileLabel, plainLine } from '../../../static/chats/describe.js';
import { countSaved, savedBytes } from '../../../static/files/data-saver.js';
import { cleanName, durationText, formatText, shortName, sizeText } from '../../../static/files/file-texts.js';
import { bestVariant, chooseVariant, downloadSize, loadingPolicy } from '../../../static/files/variants.js';
import { equal, test } from './runner.js';

/** A picture of 1600 × 1000 in the server's variants. @type {File} */
const picture = {
  id: '1',
  kind: 'image',
  type: 'image/jpeg',
  name: 'a.jpg',
  size: 900_000,
  width: 1600,
  height: 1000,
  variants: [
    { name: 'full', type: 'image/jpeg', size: 500_000, width: 1600, height: 1000 },
    { name: 'thumbnail', type: 'image/webp', size: 60_000, width: 960, height: 600 },
    { name: 'saver', type: 'image/avif', size: 20_000, width: 640, height: 400 },
  ],
};

/** @param {number} width @param {number} height @param {boolean} [saving] @param {object} [more] */
const chosen = (width, height, saving = false, more = {}) =>
  chooseVariant({ ...picture, ...more }, { width, height }, saving)?.name;

test('the variant with the fewest bytes that is sharp', () => {
  equal(chosen(440, 275), 'saver');
  equal(chosen(880, 550), 'thumbnail');
  equal(chosen(1400, 875), 'full');
});

test('a picture covers its frame: a tall frame needs more of it', () => {
  equal(chosen(200, 400), 'saver');
  equal(chosen(200, 600), 'thumbnail');
});

test('a screen that wants more than there is gets the largest', () => {
  equal(chosen(4000, 2500), 'full');
});

test('while saving, the fewest bytes of all', () => {
  equal(chosen(4000, 2500, true), 'saver');
});

test('an animated picture moves in full only', () => {
  equal(chosen(100, 60, false, { animated: true }), 'full');
  equal(chosen(100, 60, true, { animated: true }), 'saver');
});

test('the best quality of a picture no wider than its thumbnail is full', () => {
  const small = picture.variants.map((one) => ({ ...one, width: 320, height: 200 }));
  equal(bestVariant(small)?.name, 'full');
  // A drawing: its thumbnail may have more bytes.
  equal(bestVariant([{ ...small[0], size: 10 }, ...small.slice(1)])?.name, 'full');
  equal(bestVariant(picture.variants.slice(1))?.name, 'thumbnail');
  equal(bestVariant([]), undefined);
});

test('the size of a picture is that of its best variant, not of its upload', () => {
  equal(downloadSize(picture), 500_000);
  equal(downloadSize({ size: 7, variants: [{ name: 'original', type: 'text/plain', size: 7 }] }), 7);
  equal(downloadSize({ size: 7, variants: [] }), 7);
});

test('without variants there is nothing to load', () => {
  equal(chosen(100, 60, false, { variants: [] }), undefined);
});

test('what is loaded on which network', () => {
  const slow = { effectiveType: '3g' };
  const saver = { saveData: true, effectiveType: '4g' };
  equal(loadingPolicy('always', undefined), { loads: true, saving: false });
  equal(loadingPolicy('always', slow), { loads: true, saving: true });
  equal(loadingPolicy('always', saver), { loads: true, saving: true });
  equal(loadingPolicy('good', { effectiveType: '4g' }), { loads: true, saving: false });
  equal(loadingPolicy('good', slow), { loads: false, saving: true });
  equal(loadingPolicy('good', { effectiveType: 'slow-2g' }), { loads: false, saving: true });
  equal(loadingPolicy('never', undefined), { loads: false, saving: true });
});

test('saved bytes are counted once for a picture, and not when it is loaded after all', () => {
  localStorage.clear();
  countSaved('one', 500);
  countSaved('one', 500);
  countSaved('two', 70);
  equal(savedBytes(), 570);
  countSaved('one', 0);
  equal(savedBytes(), 70);
});

test('saved bytes of another month are forgotten', () => {
  const [key] = Object.keys(localStorage).filter((name) => name.startsWith('parley.saved-bytes.'));
  localStorage.setItem(key, '2001-01 9');
  equal(savedBytes(), 0);
  localStorage.setItem(key, 'broken');
  equal(savedBytes(), 0);
});

test('sizes, durations and formats', () => {
  equal(sizeText(0), '0 bytes');
  equal(sizeText(1), '1 byte');
  equal(sizeText(84_213), '84 kB');
  equal(sizeText(3_240_000), '3.2 MB');
  equal(sizeText(32_400_000), '32 MB');
  equal(durationText(7.4), '0:07');
  equal(durationText(3671), '1:01:11');
  equal(formatText({ name: 'a.tar.gz', type: '' }), 'GZ');
  equal(formatText({ name: 'README', type: 'text/plain' }), 'PLAIN');
});

test('names of files show no hidden characters, and their end', () => {
  equal(cleanName('a\u202egpj.exe\u0007'), 'agpj.exe');
  equal(cleanName('👩\u200d👧.jpg'), '👩\u200d👧.jpg');
  equal(shortName('plan.pdf', 24), 'plan.pdf');
  equal(shortName(`${'x'.repeat(40)}.pdf`, 24), `${'x'.repeat(15)}…xxxx.pdf`);
});

test('labels of files', () => {
  const image = { kind: 'image', name: 'a.jpg' };
  equal(fileLabel([image]), '📷 Photo');
  equal(fileLabel([{ ...image, animated: true }]), '🎞️ GIF');
  equal(plainLine('the tower', [image]), '📷 the tower');
  equal(plainLine('', [image]), '📷 Photo');
  equal(plainLine('no file', []), 'no file');
  equal(fileLabel([image, image, image]), '📷 3 photos');
  equal(fileLabel([{ kind: 'voice', name: 'v' }]), '🎤 Voice message');
  equal(fileLabel([{ kind: 'video', name: 'v' }]), '🎬 Video');
  equal(fileLabel([{ kind: 'document', name: 'plan.pdf' }]), '📎 plan.pdf');
  equal(fileLabel([{ kind: 'document' }]), '📎 File');
  equal(fileLabel([image, { kind: 'file', name: 'b' }]), '📎 2 files');
});
