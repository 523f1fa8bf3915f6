/** Least distance to the edges of the window. */
const WINDOW_MARGIN_PX = 8;

/**
 * Place a shown popover below an element, or above it when there is no room below. On a narrow
 * screen the style sheet puts it at the bottom instead.
 *
 * @param {HTMLElement} popover
 * @param {Element} from
 */
export function placeBeside(popover, from) {
  const at = from.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + 4;
  const top = below + height <= innerHeight - WINDOW_MARGIN_PX ? below : at.top - height - 4;
  // Align the inline ends of both.
  const end = getComputedStyle(popover).direction === 'rtl' ? at.left : at.right - width;
  const left = Math.min(end, innerWidth - width - WINDOW_MARGIN_PX);
  popover.style.setProperty('--top', `${Math.min(Math.max(WINDOW_MARGIN_PX, top), innerHeight - height - WINDOW_MARGIN_PX)}px`);
  popover.style.setProperty('--left', `${Math.max(WINDOW_MARGIN_PX, left)}px`);
}

/** Close the menu that contains what was pressed: neither links nor actions do it by themselves.
 * @param {Event} event */
export function closeMenu(event) {
  /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[popover]'))?.hidePopover();
}

/** A menu that was closed opens without what was unfolded in it. @param {ToggleEvent} event */
export function foldMenu({ newState, currentTarget }) {
  if (newState === 'open') return;
  for (const more of /** @type {Element} */ (currentTarget).querySelectorAll('details')) more.open = false;
}
