"""What stands in people's way on a page, by axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

BOTH = ("ltr", "rtl")
# Half faded in, words have half their contrast.
STILL = "() => Promise.allSettled(document.getAnimations().map((one) => one.finished))"
TURN = "(direction) => { document.documentElement.dir = direction; }"
WIDE = "() => document.documentElement.scrollWidth - innerWidth"


def findings(page: Page) -> list[tuple[str, str]]:
    """(rule, first element) of each violation, and whether the page is wider than its window."""
    page.evaluate(STILL)
    found = [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]
    wide = page.evaluate(WIDE)
    return [*found, *([("too wide", f"{wide} px")] if wide > 0 else [])]


def findings_both_ways(page: Page) -> list[tuple[str, str, str]]:
    """(direction, rule, first element), written from left to right and from right to left."""
    found = []
    for direction in BOTH:
        page.evaluate(TURN, direction)
        found += [(direction, *one) for one in findings(page)]
    page.evaluate(TURN, BOTH[0])
    return found
