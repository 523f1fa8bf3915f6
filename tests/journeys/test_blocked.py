"""Networks that refuse sockets, or keep streams back, change nothing for who talks."""

import pytest
from playwright.sync_api import expect

from apps.accounts.actions import accounts
from tests.journeys.conftest import Cast, Enter
from tests.journeys.screen import Screen
from tests.journeys.test_lost_lines import stored
from tests.journeys.watch import Watch
from tests.realtime_client.proxy import Proxy
from tests.support.live import database


def listens(screen: Screen, way: str) -> None:
    """Wait until the client listens by `way`."""
    release = screen.page.evaluate("document.body.dataset.release")
    screen.page.wait_for_function(
        """async ([release, way]) => {
          const { connect } = await import(`/static/${release}/realtime/client.js`);
          return (await connect().debug()).way === way || null;
        }""",
        arg=[release, way],
    )


def talk(alice: Screen, bob: Screen, cast: Cast) -> None:
    """Both write; each sees the other's at once, and how far they have come."""
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


def test_two_people_talk_where_sockets_are_refused(enter: Enter, cast: Cast, proxy: Proxy) -> None:
    proxy.sockets_pass = False
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}", via=proxy)
    for screen in (alice, bob):
        listens(screen, "stream")
    bob.composer.press_sequentially("on")
    expect(alice.page.locator(".typing")).to_have_text("Bob is typing…")
    talk(alice, bob, cast)
    assert proxy.sockets == 0


def test_two_people_talk_where_streams_are_kept_back_as_well(
    enter: Enter, cast: Cast, proxy: Proxy
) -> None:
    proxy.sockets_pass = False
    proxy.keeps_back = True
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}", via=proxy)
    for screen in (alice, bob):
        listens(screen, "poll")
    talk(alice, bob, cast)
    assert proxy.sockets == 0


def test_what_is_written_while_a_stream_is_cut_goes_out_when_the_line_is_back(
    enter: Enter, cast: Cast, proxy: Proxy
) -> None:
    proxy.sockets_pass = False
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    listens(alice, "stream")
    alice.say("before")
    bob.shows("before")
    proxy.cut()
    alice.say("meanwhile")
    alice.state("meanwhile", "pending")
    bob.say("from the other side")
    proxy.mend()
    for screen in (alice, bob):
        screen.shows("before", "from the other side", "meanwhile")
    assert stored(cast) == ["before", "from the other side", "meanwhile"]


def test_a_socket_is_taken_when_one_passes_again(
    enter: Enter, cast: Cast, proxy: Proxy, watch: Watch
) -> None:
    proxy.sockets_pass = False
    bob = enter(cast.bob, f"/c/{cast.chat}")
    # A tab that is its own owner, so that its clock can be turned.
    alice = enter(cast.alice, "/people", via=proxy)
    context = alice.page.context
    alice.page.close()
    context.add_init_script("delete globalThis.SharedWorker")
    page = context.new_page()
    page.clock.install()
    page.goto(f"{proxy.url}/c/{cast.chat}")
    alice = Screen(page, proxy.url).ready()
    listens(alice, "stream")
    expect(alice.status_banner).to_be_hidden()
    # A page says so when it is refused a socket.
    watch.faults[:] = [fault for fault in watch.faults if "WebSocket connection" not in fault]
    proxy.sockets_pass = True
    page.clock.fast_forward(5 * 60_000)
    listens(alice, "socket")
    bob.say("by a socket")
    alice.shows("by a socket")
    assert proxy.sockets >= 1
    page.close()


@pytest.mark.parametrize("keeps_back", [False, True], ids=["stream", "poll"])
def test_who_is_deactivated_is_told_so_without_a_socket(
    enter: Enter, cast: Cast, proxy: Proxy, keeps_back: bool
) -> None:
    proxy.sockets_pass = False
    proxy.keeps_back = keeps_back
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    listens(alice, "poll" if keeps_back else "stream")
    expect(alice.status_banner).to_be_hidden()
    database(accounts.deactivate, cast.alice.id)
    expect(alice.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    alice.page.close()
