"""Read receipts: the list, turning them off, and several devices."""

from playwright.sync_api import expect

from apps.chats.models import Member
from tests.journeys.groups import make_group
from tests.journeys.screen import Screen
from tests.support.fill import fill

LENGTH = 90


def test_the_list_of_readers_grows_as_they_read(enter, crew):
    alice, bob, charlie = enter(crew.alice), enter(crew.bob), enter(crew.charlie)
    chat = make_group(alice, crew.bob, crew.charlie)
    alice.say("Meet at the pier")
    mark = alice.row("Meet at the pier").locator(".row-state")
    for count, (one, names) in enumerate([(bob, ["Bob"]), (charlie, ["Charlie", "Bob"])], start=1):
        one.open(chat).shows("Meet at the pier")
        expect(mark).to_contain_text(f"seen by {count}")
        mark.click()
        dialog = alice.page.locator("seen-by")
        expect(dialog.locator(".person-name")).to_have_count(2)
        for name in names:
            expect(dialog.get_by_role("region", name="Seen")).to_contain_text(name)
        alice.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def share(screen: Screen, on: bool) -> None:
    """Turn read receipts on or off in the profile."""
    screen.page.goto(f"{screen.address}/settings/profile")
    screen.page.get_by_label("Share what I have read").set_checked(on)
    screen.page.get_by_role("button", name="Save").click()
    expect(screen.page.get_by_text("Saved.")).to_be_visible()


def test_read_receipts_are_mutual(enter, cast):
    bob, phone = enter(cast.bob), enter(cast.bob)
    share(bob, on=False)
    bob.go(f"/c/{cast.chat}")
    alice, tablet = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.alice)
    alice.say("Have you read this?")
    bob.shows("Have you read this?")
    # Bob's own devices get the read position. Later events show that Alice would have it by then.
    expect(phone.chat(cast.chat).locator("[data-unread]")).to_have_count(0)
    bob.choose("Have you read this?", "React with 👍")
    alice.pills("👍 1")
    alice.state("Have you read this?", "delivered")
    bob.say("I do not tell")
    alice.shows("Have you read this?", "I do not tell")
    expect(tablet.chat(cast.chat).locator("[data-unread]")).to_have_count(0)
    alice.choose("I do not tell", "React with 👍")
    bob.pills("👍 1", "👍 1")
    bob.state("I do not tell", "delivered")

    share(bob, on=True)
    bob.go(f"/c/{cast.chat}")
    alice.say("And now?")
    alice.state("And now?", "read")
    bob.state("I do not tell", "read")


def test_three_devices_agree_on_the_read_position(enter, cast):
    fill(cast.chat, cast.alice.id, end=LENGTH)
    Member.objects.filter(chat_id=cast.chat, user_id=cast.alice.id).update(read_seq=LENGTH)
    alice = enter(cast.alice, f"/c/{cast.chat}")
    watching = enter(cast.bob)
    unread = watching.chat(cast.chat).locator("[data-unread]")
    expect(unread).to_have_attribute("data-unread", str(LENGTH))
    # The newest message is read first, so the other devices report older positions.
    devices = [enter(cast.bob, f"/c/{cast.chat}/at/{seq}") for seq in (60, LENGTH, 30)]
    for one in (*devices, watching):
        expect(one.chat(cast.chat).locator("[data-unread]")).to_have_count(0)
    alice.state(f"text {LENGTH}", "read")
    # The device at the end would read the next message at once.
    devices[1].leave()
    alice.say("one more")
    alice.state("one more", "delivered")
    for one in (*devices, watching):
        expect(one.chat(cast.chat).locator("[data-unread]")).to_have_attribute("data-unread", "1")
    # Each state is told once, by the last row that reached it; that of others on hover.
    ticks = {text: alice.row(text).locator(".row-state") for text in ("one more", "text 90")}
    for mark in ticks.values():
        expect(mark).to_have_css("opacity", "1")
    quiet = alice.row("text 89").locator(".row-state")
    expect(quiet).to_have_css("opacity", "0")
    alice.row("text 89").hover()
    expect(quiet).to_have_css("opacity", "1")
    devices[1].open(cast.chat)
    alice.state("one more", "read")
    for one in (*devices, watching):
        expect(one.chat(cast.chat).locator("[data-unread]")).to_have_count(0)
