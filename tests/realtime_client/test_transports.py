"""Refused sockets: streams, polling, and commands by POST."""

from playwright.sync_api import BrowserContext

from apps.wire import commands, events
from tests.realtime_client.scripted import ScriptedServer
from tests.realtime_client.tab import Tab

# The owner inside the tab: an init script does not reach a worker.
IN_TAB = "delete globalThis.SharedWorker;"


def in_tab(context: BrowserContext, script: str = "") -> BrowserContext:
    """Tabs that are their own owners, without what `script` deletes."""
    context.add_init_script(IN_TAB + script)
    return context


def test_a_stream_is_read_in_browsers_that_cannot_iterate_streams(enter, browsers, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    script.sockets_refused = True
    old = in_tab(browsers(bob), "delete ReadableStream.prototype[Symbol.asyncIterator]")
    tab = enter(bob, old).online().show(chat.id)
    assert tab.run("ReadableStream.prototype[Symbol.asyncIterator] === undefined")
    assert tab.debug()["transport"] == "stream"
    script.emit(bob, chat.say(alice, "by the stream"))
    tab.wait("lines().length === 2")


def test_a_stream_without_a_frame_falls_back_to_polling(enter, browsers, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    script.sockets_refused = True
    script.streams_end = True
    tab = enter(bob, in_tab(browsers(bob))).online().show(chat.id)
    assert tab.debug()["transport"] == "poll"
    assert script.listened == ["stream", "poll"]
    assert tab.run("lines()") == ["hello"]


def test_commands_that_a_stream_does_not_carry_survive_its_end(enter, browsers, script):
    bob = script.person("Bob")
    script.sockets_refused = True
    tab = enter(bob, in_tab(browsers(bob))).online()
    assert tab.debug()["transport"] == "stream"
    tab.run(
        """Object.assign(window, {
          block: () => client.command({ type: 'contact.block', person: client.person }),
          unblock: () => client.command({ type: 'contact.unblock', person: client.person }),
        }) && null"""
    )
    script.posts_pass.clear()
    tab.run("void (window.first = block())")
    script.wait_for(lambda: script.posts == 1)
    tab.run("void (window.second = unblock())")
    script.cut()
    tab.wait("seen.connection.state !== 'online'")
    script.let_posts_pass()
    assert tab.run("[(await first).type, (await second).type]") == ["ack", "ack"]
    kinds = [commands.BlockContact, commands.UnblockContact]
    assert [type(one) for one in script.asked(commands.ContactCommand)] == kinds


PIN = "client.command({ type: 'pin', chat: given, seq: 1 })"


def without_connection(tab: Tab, script: ScriptedServer) -> Tab:
    """Lose the socket; the next ones are refused, and no other transport is open yet."""
    script.sockets_refused = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    return tab


def test_commands_are_posted_while_there_is_no_connection(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = without_connection(enter(bob).online(), script)
    ack = tab.run(PIN, str(chat.id))
    assert ack["type"] == "ack"
    [pin] = script.posted
    assert (type(pin), pin.chat) == (commands.Pin, chat.id)
    script.on_change = lambda command: events.Error(ref=command.ref, code="full", detail="100")
    assert tab.failure(PIN, str(chat.id)) == "full"
    script.on_change = lambda command: None
    script.down = True
    assert tab.failure(PIN, str(chat.id)) == "unavailable"


def test_commands_that_wait_are_posted_together_in_their_order(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = without_connection(enter(bob).online(), script)
    script.posts_pass.clear()
    tab.run(
        """void (window.acks = Promise.all(['pin', 'unpin', 'save', 'unsave'].map((type) =>
          client.command({ type, chat: given, seq: 1 }))))""",
        str(chat.id),
    )
    script.wait_for(lambda: script.posts == 1)
    script.let_posts_pass()
    assert tab.run("(await acks).map(({ type }) => type)") == ["ack"] * 4
    assert script.posts == 2
    kinds = [commands.Pin, commands.Unpin, commands.Save, commands.Unsave]
    assert [type(one) for one in script.posted] == kinds


def test_a_command_that_waits_too_long_is_never_posted_and_a_posted_one_has_its_reply(
    browsers, script
):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    page = in_tab(browsers(bob)).new_page()
    page.clock.install()
    page.goto(f"{script.url}/page/{bob.id}/r1")
    tab = without_connection(Tab(page).online(), script)
    script.posts_pass.clear()
    tab.run(f"void (window.posted = {PIN})", str(chat.id))
    script.wait_for(lambda: script.posts == 1)
    tab.run(f"void (window.waiting = {PIN}.catch((error) => error.code))", str(chat.id))
    page.clock.fast_forward(10_000)
    assert tab.run("waiting") == "offline"
    script.let_posts_pass()
    assert tab.run("(await posted).type") == "ack"
    assert [type(one) for one in script.posted if not isinstance(one, commands.Receipts)] == [
        commands.Pin
    ]


def test_a_request_whose_module_cannot_be_fetched_fails_as_offline(enter, browsers, script):
    bob = script.person("Bob")
    context = in_tab(browsers(bob))
    context.route("**/worker/requests.js", lambda route: route.abort())
    tab = enter(bob, context).online()
    assert tab.failure("client.request('saved')") == "offline"
