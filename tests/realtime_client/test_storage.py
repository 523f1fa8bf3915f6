"""Browser databases that are closed, deleted, full or blocked by another tab; and two owners."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from apps.wire import bodies, commands, events
from tests.realtime_client.conftest import Enter
from tests.realtime_client.disk import Disk
from tests.realtime_client.scripted import ScriptedServer
from tests.realtime_client.scripted.chat import ScriptedChat
from tests.realtime_client.tab import Tab

COUNT = """async ({ name, store }) => {
  const db = await new Promise((resolve) => {
    const request = indexedDB.open(name);
    // It is the owner's to make: one made here would have no stores.
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
  if (!db) return 0;
  db.onversionchange = () => db.close();
  try {
    if (!db.objectStoreNames.contains(store)) return 0;
    return await new Promise((resolve) => {
      const request = db.transaction(store).objectStore(store).count();
      request.onsuccess = () => resolve(request.result);
    });
  } finally {
    db.close();
  }
}"""


@pytest.fixture
def alone(browsers: Enter) -> Enter:
    """A browser without shared workers: each tab is an owner."""

    def make(person: bodies.Person) -> BrowserContext:
        context = browsers(person)
        context.add_init_script("delete globalThis.SharedWorker")
        return context

    return make


@pytest.fixture
def beside(script: ScriptedServer) -> Any:
    """A page of the same origin without a client, in the browser of a tab."""

    def make(tab: Tab) -> Page:
        page = tab.page.context.new_page()
        page.goto(f"{script.url}/static/r1/icon.svg")
        return page

    return make


def cache_of(person: bodies.Person) -> str:
    """The name of a person's cache."""
    return f"parley-cache-5-{person.id}"


def mine_of(person: bodies.Person) -> str:
    """The name of the database of a person's unsent messages."""
    return f"parley-mine-{person.id}"


def stored(page: Page, name: str, store: str, wanted: int) -> None:
    """Wait until a store has so many rows."""
    deadline = time.monotonic() + 15
    while page.evaluate(COUNT, {"name": name, "store": store}) != wanted:
        assert time.monotonic() < deadline, f"{store} has not become {wanted}"
        page.wait_for_timeout(50)


def names(page: Page) -> list[str]:
    """The databases of the origin."""
    return page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name))")


Small = Callable[[bodies.Person], Disk]


@pytest.fixture
def small(browsers: Enter, script: ScriptedServer) -> Small:
    """A browser with little space."""

    def make(person: bodies.Person) -> Disk:
        page = browsers(person).new_page()
        page.goto(f"{script.url}/static/r1/icon.svg")
        return Disk(page, script.url)

    return make


def two_of(
    script: ScriptedServer, *texts: str
) -> tuple[bodies.Person, bodies.Person, ScriptedChat]:
    """A chat in which Alice has sent Bob a message."""
    alice, bob = script.person("Alice"), script.person("Bob")
    return alice, bob, script.direct_chat(bob, alice, *texts)


def test_a_cache_deleted_by_another_tab_is_made_again_while_signed_in(enter, script, beside):
    alice, bob, chat = two_of(script, "one", "two")
    tab = enter(bob).online().show(chat.id)
    other = beside(tab)
    stored(other, cache_of(bob), "messages", 2)
    other.evaluate(
        "(name) => new Promise((done) => (indexedDB.deleteDatabase(name).onsuccess = done))",
        cache_of(bob),
    )
    tab.show(chat.id)
    assert tab.run("lines()") == ["one", "two"], "asked of the server"
    tab.run("client.draft('')")
    assert cache_of(bob) not in names(other), "after a sign-out nothing may come back"
    script.emit(bob, script.heartbeat(bob, {chat.id: chat.rev}))
    stored(other, cache_of(bob), "chats", 1)
    script.emit(bob, chat.say(alice, "three"))
    tab.wait("lines().length === 3")
    tab.page.close()
    script.down = True
    again = enter(bob, other.context)
    again.wait("seen.connection?.state === 'offline'")
    again.wait("seen.chats?.length === 1")
    assert again.run("seen.chats[0].last.text") == "three"
    assert not again.faults


def test_a_database_that_the_browser_deleted_is_stored_again(enter, script, beside):
    _, bob, chat = two_of(script, "one")
    tab = enter(bob).online().show(chat.id)
    script.holding = True
    tab.say(chat.id, "first")
    other = beside(tab)
    stored(other, mine_of(bob), "outbox", 1)
    session = other.context.new_cdp_session(other)
    session.send("Storage.clearDataForOrigin", {"origin": script.url, "storageTypes": "indexeddb"})
    tab.say(chat.id, "second")
    stored(other, mine_of(bob), "outbox", 2)
    tab.show(chat.id)
    assert tab.run("timeline.state.rows.length") == 1
    script.release_held()
    tab.wait("timeline.state.rows.length === 3 && timeline.state.pending.length === 0")


def test_an_older_page_does_not_block_a_newer_layout_of_unsent_messages(enter, script, beside):
    _, bob, chat = two_of(script, "one")
    tab = enter(bob).online().show(chat.id)
    other = beside(tab)
    upgraded = other.evaluate(
        """(name) => new Promise((resolve, reject) => {
          const request = indexedDB.open(name, 2);
          request.onupgradeneeded = () => request.result.createObjectStore('more');
          request.onblocked = () => reject(new Error('blocked'));
          request.onsuccess = () => { request.result.close(); resolve(request.result.version); };
        })""",
        mine_of(bob),
    )
    assert upgraded == 2
    script.holding = True
    tab.say(chat.id, "by the older page")
    stored(other, mine_of(bob), "outbox", 1)
    assert tab.run("seen.connection.unstored") == 0


def test_a_tab_that_blocks_the_databases_does_not_stop_the_next_one(
    enter, script, beside, browsers
):
    _, bob, chat = two_of(script, "one")
    context = browsers(bob)
    page = context.new_page()
    page.goto(f"{script.url}/static/r1/icon.svg")
    for name in (cache_of(bob), mine_of(bob)):
        # A connection that is not closed, and a deletion that waits for it.
        page.evaluate(
            """(name) => new Promise((done) => {
              const request = indexedDB.open(name, 1);
              request.onsuccess = () => {
                (globalThis.held ??= []).push(request.result);
                indexedDB.deleteDatabase(name).onblocked = done;
              };
            })""",
            name,
        )
    tab = enter(bob, context).online().show(chat.id)
    assert tab.run("lines()") == ["one"]
    script.holding = True
    tab.say(chat.id, "nowhere else")
    tab.wait("seen.connection.unstored === 1")
    page.evaluate("() => { for (const db of held) db.close(); }")
    tab.wait("seen.connection.unstored === 0")
    stored(page, mine_of(bob), "outbox", 1)
    script.release_held()
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")


def test_without_space_nothing_is_marked_as_held_and_the_view_says_so(enter, script, small):
    alice, bob, chat = two_of(script, "one")
    disk = small(bob)
    tab = enter(bob, disk.page.context).online().show(chat.id)
    stored(disk.page, cache_of(bob), "messages", 1)
    disk.fill()
    script.emit(bob, chat.say(alice, "two"))
    tab.wait("seen.connection.uncached")
    assert tab.run("lines()") == ["one", "two"]
    assert cache_of(bob) not in names(disk.page)
    script.emit(bob, chat.say(alice, "three"))
    tab.show(chat.id)
    assert tab.run("lines()") == ["one", "two", "three"]
    assert not tab.faults


def test_a_message_that_cannot_be_stored_is_sent_and_counted(enter, script, small):
    _, bob, chat = two_of(script, "one")
    disk = small(bob)
    tab = enter(bob, disk.page.context).online().show(chat.id)
    disk.fill()
    script.holding = True
    tab.say(chat.id, "only in memory")
    tab.wait("seen.connection.unstored === 1")
    script.wait_for(lambda: len(script.sends()) == 1)
    disk.empty()
    tab.wait("seen.connection.unstored === 0")
    stored(disk.page, mine_of(bob), "outbox", 1)
    script.release_held()
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert len(chat.messages) == 2


def test_a_clock_that_is_set_back_delays_no_receipt(enter, script, alone):
    alice, bob, chat = two_of(script, "one")
    chat.read[bob.id] = 0
    tab = enter(bob, alone(bob)).online().show(chat.id)

    def read() -> int:
        found = [one for one in script.received if isinstance(one, commands.Receipts)]
        return max((place.read or 0 for one in found for place in one.positions), default=0)

    tab.run("timeline.read(1)")
    script.wait_for(lambda: read() == 1)
    tab.run("(() => { const now = Date.now; Date.now = () => now() - 3_600_000; })()")
    script.emit(bob, chat.say(alice, "two"))
    tab.wait("lines().length === 2")
    tab.run("timeline.read(2)")
    script.wait_for(lambda: read() == 2)


def test_a_command_without_a_reply_renews_a_silent_connection(enter, script, alone):
    _, bob, chat = two_of(script, "one")
    context = alone(bob)
    context.clock.install()
    tab = enter(bob, context).online().show(chat.id)
    script.holding = True
    tab.say(chat.id, "into the dark")
    script.wait_for(lambda: len(script.sends()) == 1)
    script.holding = False
    context.clock.fast_forward(11_000)
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert script.opened == 2
    assert len(chat.messages) == 2


def test_a_message_that_an_older_release_finds_invalid_is_sent_again(enter, script):
    _, bob, chat = two_of(script, "one")
    script.release = "r0"
    script.on_send = lambda send: events.Error(ref=send.ref, code="invalid", detail="Unknown field")
    tab = enter(bob).online().show(chat.id)
    client_id = tab.say(chat.id, "in new words")
    script.wait_for(lambda: len(script.sends()) >= 1)
    tab.wait("marks().at(-1) === 'pending'")
    assert tab.run("seen.connection.queued") == 1
    script.release = "r1"
    script.cut()
    tab.wait("seen.connection.state === 'online' && seen.connection.release === null")
    tab.wait("marks().at(-1) === 'refused'")
    script.on_send = lambda send: None
    tab.run("client.retry(given)", client_id)
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")


def test_a_suspended_leader_does_not_keep_other_tabs_from_sending(enter, script, alone):
    _, bob, chat = two_of(script, "one")
    context = alone(bob)
    first = enter(bob, context).online().show(chat.id)
    second = enter(bob, context).online().show(chat.id)
    assert (first.debug()["leader"], second.debug()["leader"]) == (True, False)
    session = context.new_cdp_session(first.page)
    session.send("Debugger.enable")
    session.send("Debugger.pause")
    second.say(chat.id, "while the first sleeps")
    second.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert second.debug()["leader"]
    session.send("Debugger.resume")
    first.wait("client.debug().then(({ leader }) => !leader)")
    first.say(chat.id, "and after it")
    for tab in (first, second):
        tab.wait("timeline.state.rows.length === 3 && timeline.state.pending.length === 0")
    assert [message.text for message in chat.messages[1:]] == [
        "while the first sleeps",
        "and after it",
    ]
