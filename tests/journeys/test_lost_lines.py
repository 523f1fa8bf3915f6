"""Messages sent over a broken connection arrive once and in order."""

from typing import Any

from playwright.sync_api import expect

from apps.chats.models import Message
from tests.journeys.conftest import Cast, signed_in
from tests.journeys.screen import Screen
from tests.realtime_client.proxy import Proxy
from tests.support.live import LOOSE
from tests.support.static import collected_static


def stored(cast: Cast) -> list[str]:
    """Texts of the chat in the database, in order."""
    entries = Message.objects.filter(chat_id=cast.chat).order_by("seq")
    return list(entries.values_list("text", flat=True))


def test_messages_written_offline_are_shown_and_sent_after_reconnecting(enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    alice.say("before")
    bob.shows("before")
    # Prefetching at idle would fail and log console errors.
    proxy.pages_pass = True
    proxy.cut()
    alice.write("one", "two")
    alice.state("one", "pending")
    alice.state("two", "pending")
    expect(alice.row("two")).to_contain_text("waiting")
    expect(alice.status_banner).to_contain_text("Offline: 2 messages are kept and sent later.")
    # Bob's connection still works.
    bob.say("meanwhile")
    bob.state("meanwhile", "sent")
    assert stored(cast) == ["before", "meanwhile"]
    proxy.mend()
    bob.shows("before", "meanwhile", "one", "two")
    alice.shows("before", "meanwhile", "one", "two")
    expect(alice.status_banner).to_be_hidden()
    alice.state("two", "delivered", "read")
    assert stored(cast) == ["before", "meanwhile", "one", "two"]


def test_one_can_write_before_the_contacts_are_known(browse, cast, proxy):
    context = signed_in(browse(ahead=True), cast.alice, proxy.url)
    proxy.times = lambda event: 0
    alice = Screen(context.new_page(), proxy.url)
    alice.page.goto(f"{proxy.url}/c/{cast.chat}")
    # The chat and its messages come by HTTP.
    expect(alice.page.locator(".timeline-empty")).to_be_visible()
    expect(alice.composer).to_be_focused()
    alice.page.keyboard.type("at once")
    proxy.pages_pass = True
    proxy.cut()
    proxy.times = lambda event: 1
    proxy.mend()
    alice.ready()
    expect(alice.composer).to_be_focused()
    alice.page.keyboard.press("Enter")
    alice.state("at once", "sent")
    assert stored(cast) == ["at once"]


def test_messages_written_offline_survive_a_reload_and_a_closed_tab(enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    alice.say("before")
    alice.state("before", "read")
    proxy.pages_pass = True
    proxy.cut()
    alice.write("one", "two")
    alice.state("two", "pending")

    alice.page.reload()
    alice.shows("before", "one", "two")
    alice.state("one", "pending")
    alice.write("three")
    alice.state("three", "pending")

    page = alice.page.context.new_page()
    alice.page.close()
    page.goto(f"{proxy.url}/c/{cast.chat}")
    alice = Screen(page, proxy.url)
    alice.shows("before", "one", "two", "three")
    alice.state("one", "pending")
    expect(alice.status_banner).to_contain_text("3 messages are kept")
    assert stored(cast) == ["before"]

    proxy.mend()
    # The connection may have come back by itself, and the button with it: click it if it is there.
    hurry = alice.status_banner.get_by_role("button", name="Try now")
    hurry.evaluate_all("buttons => buttons.forEach((button) => button.click())")
    for screen in (alice, bob):
        screen.shows("before", "one", "two", "three")
    alice.state("three", "delivered", "read")
    assert stored(cast) == ["before", "one", "two", "three"]


def test_replies_lost_after_the_commit_leave_no_duplicate(enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    said = [f"line {number}" for number in range(3)]
    # Prefetching at idle would fail and log console errors.
    proxy.pages_pass = True
    for text in said:
        # Drop both the reply to Alice's send and the message event on her socket.
        proxy.times = lambda event: 0 if "seq" in event or event["type"] == "message" else 1
        alice.write(text)
        expect(bob.row(text)).to_be_visible()
        alice.state(text, "pending")
        row = alice.row(text).element_handle()
        proxy.cut()
        proxy.times = lambda event: 1
        proxy.mend()
        alice.state(text, "delivered", "read")
        assert row.evaluate("(row) => row.isConnected"), "the row was replaced"
    bob.say("the end")
    for screen in (alice, bob):
        screen.shows(*said, "the end")
    assert stored(cast) == [*said, "the end"]


def test_both_timelines_are_complete_when_every_third_hint_is_lost(enter, cast, fresh_servers):
    static = str(collected_static())
    one, other = fresh_servers(2, program="tests.support.dropping", STATIC_ROOT=static, **LOOSE)
    lost: set[int] = set()

    def lossy(event: dict[str, Any]) -> int:
        """Drop every third message on the way to Alice's browser, too, once each."""
        if event["type"] != "message" or event["rev"] % 3 or event["rev"] in lost:
            return 1
        lost.add(event["rev"])
        return 0

    with Proxy(one.url).running() as proxy:
        proxy.times = lossy
        alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
        bob = enter(cast.bob, f"/c/{cast.chat}", via=other)
        for number in range(24):
            (alice if number % 3 else bob).write(f"line {number}")
        for screen in (alice, bob):
            expect(screen.rows).to_have_count(24)
        alice.say("the end")
        for screen in (alice, bob):
            expect(screen.row("the end")).to_be_visible()
            expect(screen.page.locator("li.row[data-state=pending]")).to_have_count(0)
            assert screen.texts.all_inner_texts() == stored(cast)
        assert sorted(stored(cast)) == sorted([*(f"line {n}" for n in range(24)), "the end"])
        assert len(lost) >= 8
        assert alice.debug()["resumes"] > 1
