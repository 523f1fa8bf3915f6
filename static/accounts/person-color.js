/**
 * How a person looks where there is no picture: one of eight hues, and initials.
 *
 * @module
 */

/** The class of a person's hue, the same on every device. @param {string} id */
export function personColor(id) {
  // FNV-1a: short, and even over UUIDs, whose first half is a clock.
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  // Its lowest bits know only the lowest bits of each letter; the upper half knows all.
  return `hue-${((hash >>> 16) % 8) + 1}`;
}

/** First letters of the first and the last word. @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/u);
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => [...word][0] ?? '').join('').toLocaleUpperCase();
}
