/** Room to the edges of the window. */
const EDGE = 8;

/**
 * Put a shown popover beside what it belongs to: below, or above where there is more room. On a
 * narrow screen the style sheet has it at the bottom instead.
 *
 * @param {HTMLElement} popover
 * @param {Element} from
 */
export function placeBy(popover, from) {
  const at = from.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + 4;
  const top = below + height <= innerHeight - EDGE ? below : at.top - height - 4;
  // The end of one stands at the end of the other.
  const end = getComputedStyle(popover).direction === 'rtl' ? at.left : at.right - width;
  const left = Math.min(end, innerWidth - width - EDGE);
  popover.style.setProperty('--top', `${Math.min(Math.max(EDGE, top), innerHeight - height - EDGE)}px`);
  popover.style.setProperty('--left', `${Math.max(EDGE, left)}px`);
}
