"""The reader's status and do-not-disturb hours."""

from playwright.sync_api import expect

from tests.journeys.groups import make_group, members


def test_a_status_is_shown_to_others_and_cleared(enter, cast):
    alice, bob, phone = enter(cast.alice), enter(cast.bob), enter(cast.bob)
    make_group(alice, cast.bob)
    members(alice)
    his = alice.page.locator("li.member", has_text="Bob")

    def open_status() -> None:
        bob.page.get_by_role("button", name="Settings").click()
        bob.page.get_by_role("button", name="Set your status").click()

    open_status()
    bob.page.get_by_label("What are you doing?").fill("On the ferry")
    bob.page.get_by_role("radio", name="🚆").check(force=True)
    bob.page.get_by_label("Until when").select_option(label="For an hour")
    bob.page.get_by_role("button", name="Save").click()
    expect(his).to_contain_text("🚆 On the ferry")
    for device in (bob, phone):
        expect(device.page.locator(".me")).to_contain_text("🚆 On the ferry")
        expect(device.page.locator(".me")).to_contain_text("until")
    open_status()
    bob.page.get_by_role("button", name="Clear").click()
    expect(his).not_to_contain_text("On the ferry")
    expect(phone.page.locator(".me")).not_to_contain_text("On the ferry")


def test_do_not_disturb_hours_are_saved(enter, cast):
    alice = enter(cast.alice)
    page = alice.page
    page.goto(f"{alice.address}/settings/profile")
    page.get_by_label("From").fill("22:00")
    page.get_by_label("To", exact=True).fill("07:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("From")).to_have_value("22:00")
    expect(page.get_by_label("To", exact=True)).to_have_value("07:30")
