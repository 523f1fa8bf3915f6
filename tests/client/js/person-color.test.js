import { initials, personColor, voices } from '../../../static/accounts/person-color.js';
import { rememberVoices, voicesOf } from '../../../static/accounts/voices.js';
import { equal, test } from './runner.js';

test('a person has the same one of eight hues everywhere', () => {
  const ids = Array.from({ length: 800 }, () => crypto.randomUUID());
  const hues = ids.map((id) => personColor(id));
  equal(hues, ids.map((id) => personColor(id)));
  equal([...new Set(hues)].sort(), [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `hue-${n}`));
});

test('in a chat up to eight people have different hues, no matter who joins later', () => {
  const ids = Array.from({ length: 20 }, () => crypto.randomUUID());
  const eight = voicesOf(ids.slice(0, 8));
  equal(new Set(eight.values()).size, 8);
  for (let n = 1; n <= 20; n += 1) {
    const some = voicesOf(ids.slice(0, n));
    equal(ids.slice(0, Math.min(n, 8)).every((id) => some.get(id) === eight.get(id)), true);
  }
});

test('the first of two people of one hue keeps it, in their chat only', () => {
  const [first, second] = sameHue();
  rememberVoices('a chat', [{ person: { id: second } }], { [first]: {} });
  equal(personColor(second, 'a chat'), personColor(second));
  equal(personColor(first, 'a chat') === personColor(first), false);
  equal(personColor(first, 'another chat'), personColor(first));
});

test('the hues of a chat are computed when its members change, in one walk', () => {
  const members = Array.from({ length: 1000 }, () => ({ person: { id: crypto.randomUUID() } }));
  const people = {};
  let walked = 0;
  const { values } = Map.prototype;
  Map.prototype.values = function () {
    walked += this.size;
    return values.call(this);
  };
  try {
    rememberVoices('a crowd', members, people);
  } finally {
    Map.prototype.values = values;
  }
  equal(walked, 0);
  const computed = voices.get('a crowd');
  rememberVoices('a crowd', members, people);
  equal(voices.get('a crowd') === computed, true);
  rememberVoices('a crowd', [...members], people);
  equal(voices.get('a crowd') === computed, false);
});

/** Two people of one hue. */
function sameHue() {
  const first = crypto.randomUUID();
  for (;;) {
    const second = crypto.randomUUID();
    if (personColor(first) === personColor(second)) return [first, second];
  }
}

const tokens = await (await fetch('/static/styles/tokens.css')).text();
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

/** Relative luminance (WCAG 2.2). @param {string} color */
function luminance(color) {
  if (!canvas) throw new Error('no canvas');
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The values of a token in both themes. @param {string} name */
const token = (name) => (new RegExp(`--${name}: light-dark\\((.+?), (#\\w+)\\);`).exec(tokens) ?? []).slice(1, 3);
const hues = [...tokens.matchAll(/\.hue-\d \{ --person-color: light-dark\((oklch\(.+?\)), (oklch\(.+?\))\); \}/g)];

test('names can be read in both themes', () => {
  equal(hues.length, 8);
  for (const surface of ['paper', 'sheet', 'sunk']) {
    token(surface).forEach((paper, theme) => {
      for (const [, ...colors] of hues) {
        const [light, dark] = [luminance(paper), luminance(colors[theme])].sort((a, b) => b - a);
        equal([surface, colors[theme], (light + 0.05) / (dark + 0.05) >= 4.5], [surface, colors[theme], true]);
      }
    });
  }
});

test('hues differ from each other and from the one for oneself', () => {
  const OWN = 178;
  const angles = [OWN, ...hues.map(([, light]) => Number(/([\d.]+)\)$/.exec(light)?.[1]))].sort((a, b) => a - b);
  const steps = angles.map((angle, n) => ((angles[(n + 1) % angles.length] - angle + 360) % 360) || 360);
  equal(steps.every((step) => step >= 35), true);
});

test('initials are of the first and the last word', () => {
  equal(['bob', 'Anna Maria Bobrova', '  ', '😀 x'].map(initials), ['B', 'AB', '', '😀X']);
});
