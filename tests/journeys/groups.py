"""Helpers for groups: create one, open its members."""

from playwright.sync_api import expect

from apps.accounts.models import User
from tests.journeys.screen import Screen

CREW = "Lighthouse crew"


def make_group(alice: Screen, *people: User) -> str:
    """Create a group as Alice; returns its id."""
    page = alice.page
    page.get_by_role("button", name="New group or chat").click()
    for one in people:
        page.get_by_role("checkbox", name=one.name).check()
    if len(people) < 2:
        page.get_by_role("button", name="New group", exact=True).click()
    page.get_by_label("Name of the group").fill(CREW)
    page.get_by_role("button", name="Create group").click()
    expect(page.locator("#room-name")).to_have_text(CREW)
    return page.url.rsplit("/", 1)[1]


def members(screen: Screen) -> None:
    """Open the members panel."""
    screen.page.get_by_role("button", name="Who is in this group").click()
    expect(screen.page.locator("li.member").first).to_be_visible()
