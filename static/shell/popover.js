/** Least distance to the edges of the window. */
const WINDOW_MARGIN_PX = 8;

/** What each popover was placed beside. @type {WeakMap<Element, Element>} */
const anchors = new WeakMap();

/**
 * Place a shown popover below an element, or above it when there is room only there. Without room
 * for either it ends at the bottom of the window, where it covers least of the element. On a narrow
 * screen the style sheet puts it at the bottom.
 *
 * @param {HTMLElement} popover
 * @param {Element} from
 */
export function placeBeside(popover, from) {
  anchors.set(popover, from);
  const at = from.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const lowest = innerHeight - height - WINDOW_MARGIN_PX;
  const below = at.bottom + 4;
  const above = at.top - height - 4;
  const top = below > lowest && above >= WINDOW_MARGIN_PX ? above : below;
  // Align the inline ends of both.
  const end = getComputedStyle(popover).direction === 'rtl' ? at.left : at.right - width;
  const left = Math.min(end, innerWidth - width - WINDOW_MARGIN_PX);
  popover.style.setProperty('--top', `${Math.max(WINDOW_MARGIN_PX, Math.min(top, lowest))}px`);
  popover.style.setProperty('--left', `${Math.max(WINDOW_MARGIN_PX, left)}px`);
}

/** A part of a menu was unfolded or folded: the menu stays within the window, and opens folded next
 * time. @param {Event} event */
export function unfolded({ target }) {
  const part = /** @type {HTMLDetailsElement} */ (target);
  const menu = /** @type {HTMLElement | null} */ (part.closest('[popover]'));
  if (!menu?.matches(':popover-open')) return;
  const from = anchors.get(menu);
  if (from?.isConnected) placeBeside(menu, from);
  menu.addEventListener('toggle', () => (part.open = false), { once: true });
}

/** Close the menu that contains what was pressed: neither links nor actions do it by themselves.
 * @param {Event} event */
export function closeMenu(event) {
  /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[popover]'))?.hidePopover();
}

/** The arrow keys walk through a menu. @param {KeyboardEvent} event */
export function menuKey(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const menu = /** @type {Element} */ (event.currentTarget);
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('button, a, summary')]);
  const all = items.filter((item) => item.checkVisibility());
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  all[(at + by + all.length) % all.length]?.focus();
}
