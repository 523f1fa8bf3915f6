"""Where sockets are refused: a stream in any browser, polling when that says nothing."""

import pytest
from playwright.sync_api import BrowserContext

from apps.wire import commands
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import ScriptedServer

# The owner inside the tab: an init script does not reach a worker.
IN_TAB = "delete globalThis.SharedWorker;"


def in_tab(context: BrowserContext, script: str = "") -> BrowserContext:
    """Tabs that are their own owners, without what `script` deletes."""
    context.add_init_script(IN_TAB + script)
    return context


def test_a_stream_is_read_where_streams_cannot_be_walked(
    enter: Enter, browsers: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    script.sockets_refused = True
    old = in_tab(browsers(bob), "delete ReadableStream.prototype[Symbol.asyncIterator]")
    tab = enter(bob, old).online().show(room.id)
    assert tab.run("ReadableStream.prototype[Symbol.asyncIterator] === undefined")
    assert tab.debug()["transport"] == "stream"
    script.emit(bob, room.say(alice, "by the stream"))
    tab.wait("lines().length === 2")


def test_a_stream_that_ends_before_a_word_makes_way_for_polling(
    enter: Enter, browsers: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    script.sockets_refused = True
    script.streams_end = True
    tab = enter(bob, in_tab(browsers(bob))).online().show(room.id)
    assert tab.debug()["transport"] == "poll"
    assert script.listened == ["stream", "poll"]
    assert tab.run("lines()") == ["hello"]


@pytest.mark.parametrize("ends", ["the line", "the session"])
def test_what_waits_behind_a_post_that_hangs_is_not_posted_once_it_has_failed(
    enter: Enter, browsers: Enter, script: ScriptedServer, ends: str
) -> None:
    bob = script.person("Bob")
    script.sockets_refused = True
    tab = enter(bob, in_tab(browsers(bob))).online()
    assert tab.debug()["transport"] == "stream"
    script.posts_pass.clear()
    tab.run("void (window.first = client.contact('block', client.person).catch((e) => e.code))")
    script.wait_for(lambda: script.posts == 1)
    tab.run("void (window.second = client.contact('unblock', client.person).catch((e) => e.code))")
    if ends == "the line":
        script.cut()
    else:
        tab.run("client.forget()")
    assert tab.run("second") == "offline"
    script.let_posts_pass()
    script.wait_for(lambda: bool(script.asked(commands.ContactCommand)))
    # Whatever follows that answer comes before the answer to what is asked next.
    for _ in range(2):
        tab.run("(await fetch('/api/v1/me')).status")
    assert [type(one) for one in script.asked(commands.ContactCommand)] == [commands.BlockContact]
    assert script.posts == 1
