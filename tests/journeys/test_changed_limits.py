"""An administrator changes a rate limit and the message of the day in the admin, on a phone, and
the running server obeys."""

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


def looks_well(page, name, address):
    """In both themes, within the width of a phone, and as axe wants it, once the page is loaded."""
    page.wait_for_url(f"**/admin/configuration/{address}")
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
    looks_well(page, "settings", "runtimesetting/")
    page.goto(f"{screen.address}/admin/configuration/ratelimit/")
    page.get_by_role("link", name="Searches for people").click()
    looks_well(page, "limit", "ratelimit/*/change/")
    page.get_by_label("Value").fill("8")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("row", name="Searches for people")).to_contain_text(root.username)
    looks_well(page, "limits", "ratelimit/")
    assert page.evaluate(FIRST_REFUSED, 9) == 9
    page.get_by_role("link", name="Searches for people").click()
    page.get_by_role("button", name="Reset to the default").press("Enter")
    expect(page.get_by_text("The default counts again.")).to_be_visible()
    assert page.evaluate(FIRST_REFUSED, 9) == 0
    # The browser logs the refusal.
    assert all("429" in fault for fault in watch.faults)
    watch.faults.clear()


def test_the_message_of_the_day_is_shown_at_once_until_it_is_closed(enter, root):
    screen = enter(root, viewport={"width": 390, "height": 844})
    page = screen.page
    other = screen.page.context.new_page()
    other.goto(screen.address)
    banner = other.locator("[data-notice=bell]")
    expect(other.get_by_role("heading", name="Welcome to Parley")).to_be_attached()
    page.goto(f"{screen.address}/admin/configuration/runtimesetting/MOTD/change/")
    page.get_by_label("Value").fill("Away on Sunday: https://status.example.org")
    page.get_by_label("Reason").fill("The disk is replaced")
    page.get_by_role("button", name="Save").press("Enter")
    expect(banner).to_contain_text("Away on Sunday")
    link = banner.get_by_role("link", name="https://status.example.org")
    expect(link).to_have_attribute("href", "https://status.example.org")
    for scheme in PAPER:
        other.emulate_media(color_scheme=scheme)
        assert other.evaluate(TOO_WIDE) <= 0
        if folder := os.environ.get("SHOTS"):
            other.screenshot(path=Path(folder) / f"motd-{scheme}.png")
    assert findings(other) == []
    banner.get_by_role("button", name="Close").click()
    expect(banner).to_have_count(0)
    other.reload()
    page.get_by_role("link", name="Changes, and the way back").click()
    looks_well(page, "versions", "settingsversion/")
    expect(page.get_by_role("row", name="Message of the day").first).to_contain_text("replaced")
    page.get_by_role("row", name="Message of the day").first.get_by_role("link").click()
    looks_well(page, "version", "settingsversion/*/change/")
    expect(banner).to_have_count(0)
