"""Where sockets are refused: a stream in any browser, polling when that says nothing."""

from playwright.sync_api import BrowserContext

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
    assert tab.debug()["way"] == "stream"
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
    assert tab.debug()["way"] == "poll"
    assert script.listened == ["stream", "poll"]
    assert tab.run("lines()") == ["hello"]
