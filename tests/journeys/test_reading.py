"""Read positions, drafts and chat settings on several devices."""

from playwright.sync_api import expect

from tests.journeys.conftest import Cast
from tests.journeys.screen import Screen
from tests.support.live import database
from tests.support.people import direct_chat


def unread(screen: Screen, cast: Cast, count: int) -> None:
    """Wait until the chat shows this number of unread messages; 0: no badge."""
    badge = screen.chat(cast.chat).locator("[data-unread]")
    if count:
        expect(badge).to_have_attribute("data-unread", str(count))
    else:
        expect(badge).to_have_count(0)


def test_the_unread_divider_is_at_the_read_position_and_stays(enter, cast):
    alice, bob = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.bob, f"/c/{cast.chat}")
    alice.say("one", "two")
    alice.state("two", "read")
    expect(bob.divider).to_have_count(0)
    bob.page.get_by_role("link", name="Parley", exact=True).click()
    alice.say("three", "four", "five")
    unread(bob, cast, 3)

    bob.open(cast.chat)
    expect(bob.divider).to_have_text("3 new")
    alice.state("five", "read")
    unread(bob, cast, 0)
    expect(bob.page.locator("li.new + li.row .text")).to_have_text("three")
    alice.say("six")
    bob.shows("one", "two", "three", "four", "five", "six")
    alice.state("six", "read")
    expect(bob.page.locator("li.new + li.row .text")).to_have_text("three")

    bob.page.get_by_role("link", name="Parley", exact=True).click()
    bob.open(cast.chat)
    expect(bob.row("six")).to_be_visible()
    expect(bob.divider).to_have_count(0)


def test_reading_on_one_device_clears_the_badge_on_the_other(enter, cast):
    alice, laptop = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.bob)
    alice.say("one", "two", "three")
    unread(laptop, cast, 3)
    phone = enter(cast.bob, viewport={"width": 390, "height": 844}, has_touch=True)
    unread(phone, cast, 3)
    expect(phone.chat(cast.chat).locator(".chat-last")).to_have_text("three")

    laptop.open(cast.chat)
    unread(laptop, cast, 0)
    unread(phone, cast, 0)
    alice.state("three", "read")
    phone.open(cast.chat).say_by_touch("from the phone")
    for screen in (laptop, alice, phone):
        screen.shows("one", "two", "three", "from the phone")
    expect(laptop.row("from the phone")).to_contain_class("own")
    unread(laptop, cast, 0)


def test_each_chat_has_its_draft_which_survives_a_reload(enter, cast):
    other = database(direct_chat, cast.bob, cast.charlie)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.composer.fill("half a thought")
    bob.open(other)
    expect(bob.composer).to_have_value("")
    bob.composer.press_sequentially("another")
    expect(bob.chat(cast.chat)).to_contain_text("Draft: half a thought")
    bob.open(cast.chat)
    expect(bob.composer).to_have_value("half a thought")
    bob.page.reload()
    bob.ready()
    expect(bob.composer).to_have_value("half a thought")
    expect(bob.chat(other)).to_contain_text("Draft: another")

    alice = enter(cast.alice, f"/c/{cast.chat}")
    bob.composer.press("End")
    bob.composer.press_sequentially(", finished")
    bob.composer.press("Enter")
    alice.shows("half a thought, finished")
    expect(bob.chat(cast.chat)).not_to_contain_text("Draft")
    # The start page opens the chat that was open last.
    bob.go("/")
    expect(bob.page).to_have_url(f"{bob.address}/c/{cast.chat}")
    expect(bob.row("half a thought, finished")).to_be_visible()
    expect(bob.composer).to_have_value("")


def test_settings_of_a_chat_reach_the_other_device(enter, cast):
    database(direct_chat, cast.bob, cast.charlie)
    first, second = enter(cast.bob, f"/c/{cast.chat}"), enter(cast.bob)
    expect(second.list.get_by_role("heading")).to_have_text(["Chats"])
    first.mark("Pin chat")
    for device in (first, second):
        expect(device.list.get_by_role("heading")).to_have_text(["Pinned", "Chats"])
        expect(device.list.locator("ul").first).to_contain_text("Alice")
    first.mark("Unpin chat")
    for device in (first, second):
        expect(device.list.get_by_role("heading")).to_have_text(["Chats"])

    first.mark("Until I unmute")
    expect(second.chat(cast.chat)).to_contain_class("chat-quiet")
    first.mark("Unmute")
    expect(second.chat(cast.chat)).not_to_contain_class("chat-quiet")

    first.mark("Mark as unread")
    expect(second.chat(cast.chat)).to_contain_text("marked as unread")
    first.mark("Mark as read")
    expect(second.chat(cast.chat)).not_to_contain_text("marked as unread")

    first.mark("Archive")
    for device in (first, second):
        expect(device.list.locator("summary")).to_have_text("Archived 1")
        expect(device.chat(cast.chat)).to_be_hidden()
    second.list.locator("summary").click()
    second.open(cast.chat).mark("Unarchive")
    expect(first.chat(cast.chat)).to_be_visible()
