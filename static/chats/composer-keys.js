/**
 * What keys do in the field of a composer, besides typing.
 *
 * @module
 */

/** @import { ComposerEditing } from './composer-editing.js' */
/** @import { ComposerSuggestions } from './composer-suggestions.js' */
/** @import { DraftState } from './draft-state.js' */

import { isComposing } from '../shell/keys.js';

/**
 * @typedef {object} KeyedComposer
 * @property {HTMLTextAreaElement | null} input
 * @property {DraftState} draft
 * @property {ComposerEditing | null} editing
 * @property {ComposerSuggestions | null} suggestions null until they are loaded
 * @property {typeof import('./composer-typing.js') | null} typing null until it is loaded
 * @property {() => void} editLast
 * @property {() => void} cancel the edit or the reply
 * @property {() => unknown} send
 *
 * @typedef {HTMLElement & KeyedComposer} Composer
 */

/** @param {KeyboardEvent} event @param {Composer} composer */
export function keyPressed(event, composer) {
  if (isComposing(event)) return;
  const { input, suggestions, typing } = composer;
  if (suggestions?.key(event, input) || (input && typing?.markByKey(input, event))) {
    event.preventDefault();
    return;
  }
  const action = actionOf(event, composer);
  if (!action) return;
  event.preventDefault();
  action();
}

/** @param {KeyboardEvent} event @param {Composer} composer @returns {(() => void) | null} */
function actionOf({ key, shiftKey, ctrlKey, metaKey, altKey }, composer) {
  const { input, typing, editing } = composer;
  const { reply } = composer.draft;
  const edit = editing?.current;
  if (key === 'Escape' && !shiftKey && (edit || reply)) return () => composer.cancel();
  const hasModifier = shiftKey || ctrlKey || metaKey || altKey;
  if (key === 'ArrowUp' && !hasModifier && !input?.value && !reply) return () => composer.editLast();
  if (key !== 'Enter') return null;
  if (shiftKey && (ctrlKey || metaKey)) return () => !edit && laterMenu(composer)?.showPopover();
  if (!ctrlKey && !metaKey && input && typing?.isWritingCode(input)) return null;
  // On-screen keyboards have no practical Shift+Enter, so there Enter starts a new line.
  if (shiftKey || matchMedia('(pointer: coarse) and (hover: none)').matches) return null;
  return () => void composer.send();
}

/** @param {Composer} composer */
const laterMenu = (composer) => /** @type {HTMLElement | null} */ (composer.querySelector('.later-menu'));
