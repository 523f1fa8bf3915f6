"""The reader's status and do not disturb: set in the menu at their name, seen by their contacts."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from apps.contacts.actions.profile import update
from tests.journeys.groups import make_group, members
from tests.support.live import database


def test_a_status_is_shown_to_others_and_cleared(enter, cast):
    alice, bob, phone = enter(cast.alice), enter(cast.bob), enter(cast.bob)
    row = alice.chat(cast.chat)
    alice.open(cast.chat)

    def open_status() -> None:
        bob.page.get_by_role("button", name="Settings").click()
        bob.page.get_by_role("button", name="Set your status").click()

    open_status()
    bob.page.get_by_label("What are you doing?").fill("On the ferry")
    bob.page.get_by_role("radio", name="🚆").check(force=True)
    bob.page.get_by_label("Until when").select_option(label="For an hour")
    bob.page.get_by_role("button", name="Save").click()
    expect(row.locator(".status-emoji")).to_have_text("🚆")
    expect(alice.page.locator(".head-more")).to_contain_text("🚆 On the ferry")
    for device in (bob, phone):
        expect(device.page.locator(".me")).to_contain_text("🚆 On the ferry")
        expect(device.page.locator(".me")).to_contain_text("until")
    make_group(alice, cast.bob)
    members(alice)
    his = alice.page.locator("li.member", has_text="Bob")
    expect(his).to_contain_text("🚆 On the ferry")
    open_status()
    bob.page.get_by_role("button", name="Clear").click()
    expect(his).not_to_contain_text("On the ferry")
    expect(phone.page.locator(".me")).not_to_contain_text("On the ferry")


def test_do_not_disturb_is_a_moon_for_oneself_and_for_contacts(enter, cast):
    alice, bob, phone = enter(cast.alice), enter(cast.bob), enter(cast.bob)
    row = alice.chat(cast.chat)
    alice.open(cast.chat)
    expect(row.locator(".dot")).to_be_visible()

    def choose(words: str) -> None:
        bob.page.get_by_role("button", name="Settings").click()
        bob.page.locator("summary", has_text="Do not disturb").click()
        bob.page.get_by_role("button", name=words).click()

    choose("For an hour")
    for device in (bob, phone):
        expect(device.page.locator(".me")).to_contain_text("Quiet until")
        expect(device.page.locator(".me .moon")).to_be_visible()
    expect(row.locator(".moon")).to_be_visible()
    expect(row.locator(".dot")).to_have_count(0)
    expect(alice.page.locator(".head-more")).to_contain_text("quiet until")
    alice.page.locator(".head-name .name-button").click()
    card = alice.page.get_by_role("dialog", name="Bob")
    expect(card).to_contain_text("quiet until")
    card.get_by_role("button", name="Close").click()

    choose("Turn off")
    expect(row.locator(".moon")).to_have_count(0)
    expect(phone.page.locator(".me")).not_to_contain_text("Quiet until")

    # Every day, in the dialog.
    choose("Every day…")
    dialog = bob.page.get_by_role("dialog", name="Do not disturb")
    dialog.get_by_label("Every day from").fill("22:00")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Give both")
    dialog.get_by_label("to", exact=True).fill("07:30")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Saved, for all your devices.")
    hour = f"{timezone.now() - timedelta(hours=1):%H}"
    database(update, cast.bob.id, version=None, time_zone="UTC", dnd_start=None, dnd_end=None)
    expect(dialog.get_by_label("Every day from")).to_have_value("")
    dialog.get_by_label("Every day from").fill(f"{hour}:00")
    dialog.get_by_label("to", exact=True).fill(f"{timezone.now() + timedelta(hours=2):%H}:00")
    dialog.get_by_role("button", name="Save").click()
    expect(row.locator(".moon")).to_be_visible()
