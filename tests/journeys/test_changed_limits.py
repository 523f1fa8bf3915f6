"""An administrator changes a rate limit in the admin, on a phone, and the running server obeys."""

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.test_administration import COLOUR, PAPER, TOO_WIDE
from tests.journeys.test_administration import root as root
from tests.support.axe import findings

# The first response of a search that is refused, or 0 after so many.
FIRST_REFUSED = """async (most) => {
  for (let tried = 1; tried <= most; tried++) {
    if ((await fetch(`/api/v1/people?q=al${tried}`)).status === 429) return tried;
  }
  return 0;
}"""


def looks_well(page, name):
    """In both themes, within the width of a phone, and as axe wants it."""
    for scheme, paper in PAPER.items():
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(COLOUR) == paper
        assert page.evaluate(TOO_WIDE) <= 0, name
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
    assert findings(page) == []


def test_a_limit_that_is_changed_in_the_admin_counts_at_once(enter, root, watch):
    screen = enter(root, viewport={"width": 390, "height": 844})
    page = screen.page
    page.goto(f"{screen.address}/admin/configuration/runtimesetting/")
    looks_well(page, "settings")
    page.goto(f"{screen.address}/admin/configuration/ratelimit/")
    page.get_by_role("link", name="Searches for people").click()
    looks_well(page, "limit")
    page.get_by_label("Value").fill("8")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("row", name="Searches for people")).to_contain_text(root.username)
    looks_well(page, "limits")
    assert page.evaluate(FIRST_REFUSED, 9) == 9
    page.get_by_role("link", name="Searches for people").click()
    page.get_by_role("button", name="Reset to the default").press("Enter")
    expect(page.get_by_text("The default counts again.")).to_be_visible()
    assert page.evaluate(FIRST_REFUSED, 9) == 0
    # The browser logs the refusal.
    assert all("429" in fault for fault in watch.faults)
    watch.faults.clear()
