"""Sizes of controls, and whether each can be reached."""

from playwright.sync_api import Page

CONTROLS = """
const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]';
const controls = (shown, within = document) => [...within.querySelectorAll(all)].filter((one) =>
  one.checkVisibility(shown) && !one.matches(':disabled, .skip')
  && !one.closest('[inert], .visually-hidden'));
const told = (found) => found.map((one) => {
  const { width, height } = one.getBoundingClientRect();
  return `${width.toFixed()} × ${height.toFixed()}: ${one.outerHTML.slice(0, 120)}`;
});
"""
# WCAG 2.2, 2.5.8: links inside of a sentence are exempt, and a label is part of its field.
SMALL = f"""() => {{{CONTROLS}
  // Links of messages and cards are as high as their lines.
  const isInText = (one) => one.matches('[rel~=nofollow]')
    || getComputedStyle(one).display === 'inline'
    && one.parentElement.textContent.trim().length > one.textContent.trim().length;
  const isLarge = (one) => {{
    const {{ width, height }} = one.getBoundingClientRect();
    return width >= LEAST && height >= LEAST;
  }};
  const found = controls({{ visibilityProperty: true }}).filter((one) =>
    !isInText(one) && ![one, ...(one.labels ?? [])].some(isLarge));
  return told(found);
}}"""
UNREACHABLE = f"""(within) => {{{CONTROLS}
  const shown = {{ visibilityProperty: true, opacityProperty: true }};
  const found = controls(shown, document.querySelector(within)).filter((one) => {{
    one.scrollIntoView({{ block: 'nearest', inline: 'nearest', behavior: 'instant' }});
    const [{{ left, top, width, height }}] = one.getClientRects();
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    return ![one, ...(one.labels ?? [])].some((part) => part.contains(there));
  }});
  return told(found);
}}"""
MIN_PX = 24


def small(page: Page) -> list[str]:
    """Size and source of each visible control that is smaller than 24 × 24 px."""
    return list(page.evaluate(SMALL.replace("LEAST", str(MIN_PX))))


def unreachable(page: Page, within: str = "body") -> list[str]:
    """Size and source of each visible control of an element that cannot be scrolled into view, or
    is covered. It scrolls the page."""
    return list(page.evaluate(UNREACHABLE, within))
