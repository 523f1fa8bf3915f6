"""A group of Alice's, made and looked into as people do it."""

from playwright.sync_api import expect

from apps.accounts.models import User
from tests.journeys.screen import Screen

CREW = "Lighthouse crew"


def make_group(alice: Screen, *people: User) -> str:
    """Alice makes the group of her contacts; its id."""
    page = alice.page
    page.get_by_role("button", name="New group or chat").click()
    for one in people:
        page.get_by_role("checkbox", name=one.name).check()
    page.get_by_label("Name of the group").fill(CREW)
    page.get_by_role("button", name="Make the group").click()
    expect(page.locator("#room-name")).to_have_text(CREW)
    return page.url.rsplit("/", 1)[1]


def members(screen: Screen) -> None:
    """Open the panel of who is in the group."""
    screen.page.get_by_role("button", name="Who is in this group").click()
    expect(screen.page.locator("li.member").first).to_be_visible()
