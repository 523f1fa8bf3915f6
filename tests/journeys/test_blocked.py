"""Chatting through networks that block WebSockets or buffer event streams."""

import pytest
from playwright.sync_api import expect

from apps.accounts.actions import accounts
from tests.journeys.conftest import Cast
from tests.journeys.screen import Screen
from tests.journeys.test_lost_lines import stored
from tests.support.live import database


def wait_for_transport(screen: Screen, transport: str) -> None:
    """Wait until the client uses this transport."""
    screen.wait_for_debug(f"(view) => view.transport === '{transport}'")


def exchange_messages(alice: Screen, bob: Screen, cast: Cast) -> None:
    """Both send messages; each sees those of the other, and the delivery status of their own."""
    expect(alice.status_banner).to_be_hidden()
    alice.say("one")
    bob.shows("one")
    alice.state("one", "read")
    bob.say("two")
    alice.shows("one", "two")
    alice.say("three", "four")
    for screen in (alice, bob):
        screen.shows("one", "two", "three", "four")
        expect(screen.page.locator("li.row[data-state=pending]")).to_have_count(0)
    assert stored(cast) == ["one", "two", "three", "four"]


def test_two_people_talk_when_websockets_are_refused(enter, cast, proxy):
    proxy.sockets_pass = False
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}", via=proxy)
    for screen in (alice, bob):
        wait_for_transport(screen, "stream")
    bob.composer.press_sequentially("on")
    expect(alice.page.locator(".typing")).to_have_text("Bob is typing…")
    exchange_messages(alice, bob, cast)
    assert proxy.sockets == 0


def test_two_people_talk_when_streams_are_buffered_as_well(enter, cast, proxy):
    proxy.sockets_pass = False
    proxy.keeps_back = True
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}", via=proxy)
    for screen in (alice, bob):
        wait_for_transport(screen, "poll")
    exchange_messages(alice, bob, cast)
    assert proxy.sockets == 0


def test_messages_queued_during_an_outage_are_sent_over_a_stream(enter, cast, proxy):
    proxy.sockets_pass = False
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    wait_for_transport(alice, "stream")
    alice.say("before")
    bob.shows("before")
    proxy.cut()
    alice.write("meanwhile")
    alice.state("meanwhile", "pending")
    bob.say("from the other side")
    proxy.mend()
    for screen in (alice, bob):
        screen.shows("before", "from the other side", "meanwhile")
    assert stored(cast) == ["before", "from the other side", "meanwhile"]


def test_the_client_returns_to_a_websocket_when_one_connects(enter, cast, proxy, watch):
    proxy.sockets_pass = False
    bob = enter(cast.bob, f"/c/{cast.chat}")
    # Without shared workers the owner runs in the tab, so the test can set its clock.
    alice = enter(cast.alice, "/people", via=proxy)
    context = alice.page.context
    alice.page.close()
    context.add_init_script("delete globalThis.SharedWorker")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{proxy.url}/c/{cast.chat}")
    alice = Screen(page, proxy.url).ready()
    wait_for_transport(alice, "stream")
    expect(alice.status_banner).to_be_hidden()
    # The console reports the refused WebSockets: ignore that.
    watch.faults[:] = [fault for fault in watch.faults if "WebSocket connection" not in fault]
    proxy.sockets_pass = True
    page.clock.fast_forward(5 * 60_000)
    wait_for_transport(alice, "socket")
    bob.say("by a socket")
    alice.shows("by a socket")
    assert proxy.sockets >= 1
    page.close()


@pytest.mark.parametrize("keeps_back", [False, True], ids=["stream", "poll"])
def test_a_deactivated_account_is_signed_out_without_a_websocket(enter, cast, proxy, keeps_back):
    proxy.sockets_pass = False
    proxy.keeps_back = keeps_back
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    wait_for_transport(alice, "poll" if keeps_back else "stream")
    expect(alice.status_banner).to_be_hidden()
    database(accounts.deactivate, cast.alice.id)
    expect(alice.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    alice.page.close()
