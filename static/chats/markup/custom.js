/**
 * How custom emoji are drawn. Until `chats/custom-emoji.js` is loaded, after the first paint, their
 * names are text.
 *
 * @module
 */

/** @import { Emoji } from '../emoji.js' */

export const customEmoji = {
  /** Another one when texts have to be drawn again. */
  version: 0,
  /** As the picker has emoji: as it is written, its name, and all its names. @type {Emoji[]} */
  listed: [],
  /** A text with images in place of the `:names:` in it. @type {(text: string) => unknown} */
  drawn: (text) => text,
  /** A text with an emoji of Unicode in place of each. @type {(text: string) => string} */
  replaced: (text) => text,
};
