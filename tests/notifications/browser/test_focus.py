"""When a focused control disappears, the focus moves to something near it."""

import pytest
from playwright.sync_api import expect

PAGE = "/settings/notifications"


@pytest.fixture
def service_workers() -> bool:
    """None: the focus does not depend on them."""
    return False


def test_focus_moves_to_the_heading_after_saving(enter, cast):
    alice = enter(cast.alice, PAGE)
    heading = alice.page.get_by_role("heading", name="On all devices")
    for button in ("Leave it as it was", "Save"):
        alice.page.get_by_label("Mentions only").check()
        alice.page.get_by_role("button", name=button, exact=True).press("Enter")
        expect(heading).to_be_focused()


def test_focus_stays_at_the_times_after_muting_and_unmuting(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.mark("Notifications")
    dialog = alice.page.get_by_role("dialog", name="Notifications for this chat")
    hour = dialog.get_by_role("button", name="For an hour")
    hour.press("Enter")
    again = dialog.get_by_role("button", name="Unmute", exact=True)
    expect(again).to_be_visible()
    expect(hour).to_be_focused()
    again.press("Enter")
    expect(again).to_have_count(0)
    expect(hour).to_be_focused()


def test_focus_returns_to_the_opener_after_closing_a_panel(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.mark("Pinned messages")
    panel = alice.page.locator(".panel")
    panel.get_by_role("button", name="Close").press("Enter")
    expect(panel).to_have_count(0)
    expect(alice.page.get_by_role("button", name="More about this chat")).to_be_focused()


def test_focus_is_on_the_signed_out_page_after_signing_out_elsewhere(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.mark("Notifications")
    dialog = alice.page.get_by_role("dialog", name="Notifications for this chat")
    expect(dialog).to_be_visible()
    second = enter(cast.alice, "/", beside=alice)
    second.page.get_by_role("button", name="Settings").click()
    second.page.get_by_role("button", name="Sign out").click()
    expect(alice.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(alice.page.get_by_role("main")).to_be_focused()
