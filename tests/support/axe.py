"""What stands in people's way on a page, by axe-core."""

from typing import Any, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Half faded in, words have half their contrast. What is folded away stands still for ever.
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect.target?.checkVisibility())
  .map((one) => one.finished))"""
TURN = "(direction) => { document.documentElement.dir = direction; }"
WIDE = "() => document.documentElement.scrollWidth - innerWidth"
CONTRAST = "color-contrast"


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
    than its window: in both themes and in both directions."""
    found = []
    for scheme, direction, rules in LOOKS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(TURN, direction)
        page.evaluate(STILL)
        answer = (
            Axe()
            .run(page, options={"resultTypes": ["violations"], "preload": False, **rules})
            .response
        )
        found += [
            (scheme, direction, one["id"], one["nodes"][0]["html"]) for one in answer["violations"]
        ]
        wide = page.evaluate(WIDE)
        if wide > 0:
            found.append((scheme, direction, "too wide", f"{wide} px"))
    return found
