"""What is pressed and then gone leaves the focus near, not nowhere."""

from playwright.sync_api import expect

from tests.journeys.conftest import Cast, Enter

PAGE = "/settings/notifications"


def test_saving_leads_back_to_what_was_changed(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice, PAGE)
    heading = alice.page.get_by_role("heading", name="What reaches you, on all devices")
    for button in ("Leave it as it was", "Save"):
        alice.page.get_by_label("Only what names me").check()
        alice.page.get_by_role("button", name=button, exact=True).press("Enter")
        expect(heading).to_be_focused()


def test_muting_leads_to_turning_it_on_again(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.mark("What you are told of")
    dialog = alice.page.get_by_role("dialog", name="What you are told of")
    dialog.get_by_role("button", name="For an hour").press("Enter")
    again = dialog.get_by_role("button", name="Turn it on again")
    expect(again).to_be_focused()
    again.press("Enter")
    expect(dialog.get_by_role("button", name="For an hour")).to_be_focused()


def test_closing_a_panel_leads_back_to_what_opened_it(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.mark("Pinned messages")
    panel = alice.page.locator(".panel")
    panel.get_by_role("button", name="Close").press("Enter")
    expect(panel).to_have_count(0)
    expect(alice.page.get_by_role("button", name="More about this chat")).to_be_focused()


def test_who_is_signed_out_stands_before_the_door(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.mark("What you are told of")
    dialog = alice.page.get_by_role("dialog", name="What you are told of")
    expect(dialog).to_be_visible()
    second = enter(cast.alice, "/", beside=alice)
    second.page.get_by_role("button", name="Settings").click()
    second.page.get_by_role("button", name="Sign out").click()
    expect(alice.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(alice.page.get_by_role("main")).to_be_focused()
