"""The connection: silence, and the close codes of the server."""

from playwright.sync_api import BrowserContext

from apps.wire import events
from tests.realtime_client.tab import Tab


def in_tab(context: BrowserContext, url: str) -> Tab:
    """A tab that is its own owner, so that its clock can be turned."""
    context.add_init_script("delete globalThis.SharedWorker")
    page = context.new_page()
    page.clock.install()
    page.goto(url)
    return Tab(page)


def test_a_silent_connection_is_replaced_after_a_minute(browsers, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = in_tab(browsers(bob), f"{script.url}/page/{bob.id}/r1").online().show(chat.id)
    tab.page.clock.fast_forward(50_000)
    script.emit(bob, script.heartbeat(bob, {}), script.presence(alice, online=True))
    tab.wait("seen.chats[0].presence?.online")
    tab.page.clock.fast_forward(50_000)
    assert tab.run("seen.connection.state") == "online"
    chat.say(alice, "said into the silence")
    tab.page.clock.fast_forward(11_000)
    tab.wait("lines().length === 2")
    assert tab.debug()["socketsOpened"] == 2


def test_an_outdated_client_says_so_and_waits(enter, script):
    tab = enter(script.person("Bob")).online()
    script.cut(4400)
    tab.wait("seen.connection.state === 'outdated'")
    tab.run("client.reconnect()")
    assert tab.run("seen.connection.retryAt - Date.now() > 50_000")
    assert script.opened == 1


def test_a_client_with_too_many_connections_waits_a_minute(browsers, script):
    bob = script.person("Bob")
    tab = in_tab(browsers(bob), f"{script.url}/page/{bob.id}/r1").online()
    script.cut(4429)
    tab.wait("seen.connection.state === 'connecting'")
    tab.run("client.reconnect()")
    tab.page.clock.fast_forward(50_000)
    tab.run("client.reconnect()")
    assert script.opened == 1
    tab.page.clock.fast_forward(11_000)
    tab.wait("seen.connection.state === 'online'")
    assert script.opened == 2


def test_a_first_loss_is_not_shown_as_offline(enter, script):
    tab = enter(script.person("Bob")).online()
    tab.run("void (seen.states.length = 0)")
    script.cut()
    tab.wait("seen.states.at(-1) === 'online'")
    assert tab.run("seen.states") == ["connecting", "syncing", "online"]
    script.down = True
    script.cut()
    tab.wait("seen.states.at(-1) === 'offline'")
    assert tab.run("seen.connection.retryAt > Date.now() - 1000")


def test_a_client_that_is_told_to_reconnect_does_so_at_once_and_is_never_offline(enter, script):
    bob, alice = script.person("Bob"), script.person("Alice")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    tab.run("void (seen.states.length = 0)")
    script.emit(bob, events.Reconnect())
    tab.wait("seen.states.at(-1) === 'online'")
    assert tab.run("seen.states") == ["connecting", "syncing", "online"]
    assert script.opened == 2
    tab.say(chat.id, "said on the second connection")
    tab.wait("lines().length === 2")
