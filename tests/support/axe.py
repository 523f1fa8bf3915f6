"""What stands in people's way on a page, by axe-core."""

from typing import Any, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.support.targets import small

# Half faded in, words have half their contrast. What is folded away stands still.
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect.target?.checkVisibility())
  .map((one) => one.finished))"""
TURN = "(direction) => { document.documentElement.dir = direction; }"
LOADED = "() => Boolean(globalThis.axe)"
RUN = """async (rules) => {
  const options = { resultTypes: ['violations'], preload: false, ...rules };
  const { violations } = await axe.run(options);
  return violations.map(({ id, nodes }) => [id, nodes[0].html]);
}"""
WIDE = "() => document.documentElement.scrollWidth - innerWidth"
CONTRAST = "color-contrast"
# Not those that Django draws.
OWN_PAGES = "body:not([data-admin-utc-offset])"
WIDTHS, HEIGHT = (1280, 390), 844


class Look(NamedTuple):
    """A theme and a direction, and which rules what they change may break."""

    scheme: str
    direction: str
    rules: dict[str, Any]


# Only colours change with the theme; names and roles do not change with the direction, but what
# scrolls may.
LOOKS = (
    Look("light", "rtl", {"runOnly": ["scrollable-region-focusable"]}),
    Look("dark", "ltr", {"runOnly": [CONTRAST]}),
    Look("light", "ltr", {}),
)


def findings(page: Page) -> list[tuple[str, str, str, str]]:
    """(theme, direction, rule, first element) of each violation, and whether the page is wider
    than its window: in both themes and in both directions. On pages of our own, small
    controls, too."""
    found: list[tuple[str, str, str, str]] = []
    if not page.evaluate(LOADED):
        page.evaluate(AXE_SCRIPT)
    for scheme, direction, rules in LOOKS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(TURN, direction)
        page.evaluate(STILL)
        found += [(scheme, direction, *one) for one in page.evaluate(RUN, rules)]
        wide = page.evaluate(WIDE)
        if wide > 0:
            found.append((scheme, direction, "too wide", f"{wide} px"))
    if page.locator(OWN_PAGES).count():
        found += [(scheme, direction, "too small", one) for one in small(page)]
    return found


def findings_at_both_widths(page: Page) -> list[tuple[int, tuple[str, str, str, str]]]:
    """The findings in a desktop's window and then in a phone's, which stays."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [(width, one) for one in findings(page)]
    return found
