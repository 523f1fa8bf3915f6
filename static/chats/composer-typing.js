/**
 * What the composer does with keys besides typing. Every change can be undone with the browser's
 * own keys.
 *
 * @module
 */

/** @import { Edit } from './typing-edits.js' */

import { IS_APPLE, letterOf } from '../shell/keys.js';
import { emojiByCode } from './emoji.js';
import { inOwnTone } from './emoji-habits.js';
import { endsInFence } from './markup/parse.js';
import { finishedCode, isInCode, lineBreak, linked, marked } from './typing-edits.js';

export { caretIn } from './typing-edits.js';

/** By key and shift. @type {Record<string, '**' | '*' | '~~'>} */
const MARKS = { b: '**', i: '*', X: '~~' };

/** @param {HTMLTextAreaElement} input */
export const textBeforeCaret = (input) => input.value.slice(0, input.selectionStart);

/** Whether Enter is a new line of code. @param {HTMLTextAreaElement} input */
export const isWritingCode = (input) => endsInFence(textBeforeCaret(input));

/** Whether `@` and `:` name nobody and nothing. @param {HTMLTextAreaElement} input */
export const isInsideCode = (input) => isInCode(textBeforeCaret(input));

/**
 * Put marks around the selection on Ctrl+B, Ctrl+I and Ctrl+Shift+X.
 *
 * @param {HTMLTextAreaElement} input
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key was one of them
 */
export function markByKey(input, event) {
  const { ctrlKey, metaKey, shiftKey, altKey } = event;
  if (ctrlKey === metaKey || metaKey !== IS_APPLE || altKey) return false;
  const letter = letterOf(event);
  const mark = MARKS[shiftKey ? letter.toUpperCase() : letter];
  if (!mark) return false;
  apply(input, marked(input.value, input.selectionStart, input.selectionEnd, mark));
  return true;
}

/** Go on with a list, a quote or code in the new line, and make a link of the words over which an
 * address is pasted. @param {HTMLTextAreaElement} input @param {InputEvent} event `beforeinput` */
export function beforeInput(input, event) {
  const { inputType, data } = event;
  const { value, selectionStart: start, selectionEnd: end } = input;
  let edit = null;
  if (event.isComposing) return;
  if (inputType === 'insertLineBreak') edit = lineBreak(value, start, end);
  else if (inputType === 'insertFromPaste' && data && start < end) edit = linked(value, start, end, data);
  if (!edit) return;
  event.preventDefault();
  apply(input, edit);
}

/** How long a message waits for the list of emoji. */
const MAX_WAIT_MS = 2000;
/** While the emoji of a code is looked up. @type {Promise<unknown> | null} */
let completing = null;

/** Replace a code whose closing colon was just typed. @param {HTMLTextAreaElement} input
 * @param {Event | undefined} event `input` */
export function completeEmoji(input, event) {
  if (!(event instanceof InputEvent) || event.inputType !== 'insertText' || event.data !== ':') return;
  const before = textBeforeCaret(input);
  const found = finishedCode(before);
  if (!found) return;
  const replaced = emojiByCode(found.code).then(
    (emoji) => {
      if (emoji && textBeforeCaret(input) === before) replaceText(input, found.from, before.length, inOwnTone(emoji));
    },
    () => {},
  );
  const current = Promise.race([replaced, new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS))]);
  completing = current;
  void current.then(() => completing === current && (completing = null));
}

/** To be awaited before the text is sent; null when it is complete. */
export const incomplete = () => completing;

/** Replace the selection. @param {HTMLTextAreaElement} input @param {string} text */
export const insertText = (input, text) => replaceText(input, input.selectionStart, input.selectionEnd, text);

/** Replace a part of the text; the caret stands after it. @param {HTMLTextAreaElement} input
 * @param {number} from @param {number} to @param {string} insert */
export function replaceText(input, from, to, insert) {
  const caret = from + insert.length;
  apply(input, { from, to, insert, start: caret, end: caret });
}

/** @param {HTMLTextAreaElement} input @param {Edit} edit */
function apply(input, { from, to, insert, start, end }) {
  input.focus();
  input.setSelectionRange(from, to);
  // Unlike `setRangeText`, this can be undone.
  const isDone = insert ? document.execCommand('insertText', false, insert) : document.execCommand('delete');
  if (!isDone && input.value.slice(from, to) !== insert) {
    input.setRangeText(insert, from, to, 'end');
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }
  input.setSelectionRange(start, end);
}
