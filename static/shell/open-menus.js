/**
 * Back closes an open menu first. Loaded after the first paint.
 *
 * @module
 */

import { router } from './router.js';

/** @returns {() => void} ends it */
export function closeMenusOnBack() {
  /** Whom to tell that a menu was closed. @type {WeakMap<Element, () => void>} */
  const opened = new WeakMap();
  const toggled = (/** @type {ToggleEvent} */ event) => {
    const menu = /** @type {HTMLElement} */ (event.target);
    // A dialog is no popover, and has a cover of its own.
    if (!menu.popover) return;
    opened.get(menu)?.();
    if (event.newState !== 'open') return;
    opened.set(menu, router.closeOnBack(() => menu.hidePopover(), () => menu.matches(':popover-open')));
  };
  // Not `toggle`, which comes later: a menu that closes for a link must not lie on the new page.
  document.addEventListener('beforetoggle', /** @type {EventListener} */ (toggled), true);
  return () => document.removeEventListener('beforetoggle', /** @type {EventListener} */ (toggled), true);
}
