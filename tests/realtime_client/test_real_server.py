"""Two browsers and the real server, through a proxy that can be cut and loses frames."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext

from apps.accounts.models import User
from apps.chats.models import Message
from tests.realtime_client.proxy import Proxy
from tests.realtime_client.tab import Tab
from tests.support.live import LOOSE, Cast, cast, db, shared_database
from tests.support.people import session_of
from tests.support.servers import Server, Servers

__all__ = ["cast", "db", "shared_database"]

SignIn = Callable[..., Tab]


@pytest.fixture(scope="module")
def one_server(shared_database: None) -> Iterator[Server]:
    """One server process; it serves the modules as they are written, as in development."""
    start = Servers()
    [server] = start(DEBUG="true", **LOOSE)
    yield server
    start.end()


@pytest.fixture(scope="module")
def proxy(one_server: Server) -> Iterator[Proxy]:
    """The proxy to the server of the module."""
    with Proxy(one_server.url).running() as made:
        yield made


@pytest.fixture
def sign_in(chromium: Browser, proxy: Proxy) -> Iterator[SignIn]:
    """`sign_in(user)`: a page with only the client in a new browser; `sign_in(user, context)`: in
    another tab."""
    contexts: list[BrowserContext] = []
    proxy.mend()
    proxy.times = lambda event: 1

    def make(user: User, context: BrowserContext | None = None) -> Tab:
        if context is None:
            context = chromium.new_context()
            contexts.append(context)
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user)}
            context.add_cookies([{**cookie, "url": proxy.url}])
        page = context.new_page()
        page.goto(f"{proxy.url}/livez")
        return Tab(page, page.evaluate(PERSON))

    yield make
    for context in contexts:
        context.close()


# The app itself would fetch a hundred modules more, and be a second tab of the client.
PERSON = """async () => {
  const [body] = (await (await fetch('/')).text()).match(/<body[^>]*>/);
  for (const [, name, value] of body.matchAll(/data-([a-z]+)="([^"]*)"/g))
    document.body.dataset[name] = value;
  return document.body.dataset.release;
}"""
JOIN = """async (method, secret) => {
  const headers = { 'X-CSRFToken': document.body.dataset.csrf };
  return (await fetch(`/api/v1/join/${secret}`, { method, headers })).json();
}"""


def texts(cast: Cast) -> list[str]:
    """The texts of the chat in the database, in order."""
    return list(
        Message.objects.filter(chat_id=cast.chat).order_by("seq").values_list("text", flat=True)
    )


def test_two_people_talk_and_see_delivered_and_read(sign_in, cast):
    alice = sign_in(cast.alice).online().show(cast.chat)
    bob = sign_in(cast.bob).online().show(cast.chat)
    alice.say(cast.chat, "Good morning")
    bob.wait("lines().length === 1")
    assert bob.run("lines()") == ["Good morning"]
    alice.wait("marks()[0] === 'delivered'")
    assert bob.run("seen.chats[0].unread") == 1
    bob.run("timeline.read(1)")
    alice.wait("marks()[0] === 'read'")
    bob.wait("seen.chats[0].unread === 0")
    bob.say(cast.chat, "Good morning, Alice")
    alice.wait("lines().length === 2")
    assert not alice.faults + bob.faults


def test_messages_sent_at_the_same_time_have_one_order_for_both(sign_in, cast):
    alice = sign_in(cast.alice).online().show(cast.chat)
    bob = sign_in(cast.bob).online().show(cast.chat)
    given = {"chat": str(cast.chat), "count": 30}
    burst = """Promise.all(Array.from({ length: given.count }, (_, number) =>
      client.send(given.chat, `${client.person} ${number}`)))"""
    alice.run(burst, given)
    bob.run(burst, given)
    for tab in (alice, bob):
        tab.wait("timeline.state.rows.length === 60 && timeline.state.pending.length === 0")
    stored = texts(cast)
    assert alice.run("lines()") == bob.run("lines()") == stored
    for person in (cast.alice, cast.bob):
        own = [text for text in stored if text.startswith(str(person.id))]
        assert own == [f"{person.id} {number}" for number in range(30)]


def test_messages_written_offline_are_sent_once_after_a_reload(sign_in, cast, proxy):
    alice = sign_in(cast.alice).online().show(cast.chat)
    alice.say(cast.chat, "before")
    alice.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    proxy.cut()
    alice.wait("seen.connection.state !== 'online'")
    for text in ("one", "two", "three"):
        alice.say(cast.chat, text)
    alice.wait("marks().join() === 'sent,pending,pending,pending'")
    assert texts(cast) == ["before"]
    context = alice.page.context
    alice.page.close()
    proxy.mend()
    alice = sign_in(cast.alice, context).online().show(cast.chat)
    alice.wait("timeline.state.rows.length === 4 && timeline.state.pending.length === 0")
    assert texts(cast) == ["before", "one", "two", "three"]


def test_three_tabs_keep_one_connection(sign_in, cast, proxy):
    before = proxy.sockets
    first = sign_in(cast.alice).online().show(cast.chat)
    others = [sign_in(cast.alice, first.page.context).online().show(cast.chat) for _ in range(2)]
    first.say(cast.chat, "everywhere")
    for tab in (first, *others):
        tab.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    assert proxy.sockets == before + 1
    assert first.debug()["tabs"] == 3


def test_acks_lost_after_the_commit_make_no_duplicates(sign_in, cast, proxy):
    alice = sign_in(cast.alice).online().show(cast.chat)
    proxy.times = lambda event: 0 if "seq" in event or event["type"] == "message" else 1
    for number in range(5):
        alice.say(cast.chat, f"line {number}")
    while not texts(cast):
        alice.page.wait_for_timeout(20)
    proxy.cut()
    proxy.times = lambda event: 1
    proxy.mend()
    alice.run("client.reconnect()")
    alice.wait("timeline.state.rows.length === 5 && timeline.state.pending.length === 0")
    assert texts(cast) == [f"line {number}" for number in range(5)]
    assert alice.run("lines()") == texts(cast)


@pytest.mark.parametrize("fault", ["every event twice", "every third message lost"])
def test_lost_and_doubled_events_leave_the_same_timeline_for_both(sign_in, cast, proxy, fault):
    alice = sign_in(cast.alice).online().show(cast.chat)
    bob = sign_in(cast.bob).online().show(cast.chat)
    passes: Counter[int] = Counter()

    def lossy(event: dict[str, Any]) -> int:
        if event["type"] != "message" or event["rev"] % 3:
            return 1
        passes[event["rev"]] += 1
        return 0 if passes[event["rev"]] <= 2 else 1  # lost for both, until they ask again

    proxy.times = (lambda event: 2) if fault == "every event twice" else lossy
    for number in range(20):
        (alice if number % 2 else bob).say(cast.chat, f"line {number}")
    for tab in (alice, bob):
        tab.wait("client.debug().then(({ outbox }) => outbox === 0)")
    proxy.times = lambda event: 1
    alice.say(cast.chat, "the end")
    for tab in (alice, bob):
        tab.wait("timeline.state.rows.length === 21 && timeline.state.pending.length === 0")
        assert tab.run("lines()") == texts(cast)
    assert sorted(texts(cast)) == sorted({*(f"line {number}" for number in range(20)), "the end"})


def test_people_meet_without_a_reload(sign_in, cast):
    alice, charlie = sign_in(cast.alice).online(), sign_in(cast.charlie).online()
    charlie_id, alice_id = str(cast.charlie.id), str(cast.alice.id)
    found = alice.run("client.request('findPeople', given)", cast.charlie.username)
    assert (charlie_id, "none") in [(one["person"]["id"], one["state"]) for one in found["items"]]
    alice.run("client.command({ type: 'contact.invite', person: given })", charlie_id)
    charlie.wait("seen.contacts.some(({ state }) => state === 'incoming')")
    charlie.run("client.command({ type: 'contact.accept', person: given })", alice_id)
    alice.wait(
        "seen.contacts.some(({ person, state }) => person.id === given && state === 'contact')",
        charlie_id,
    )
    chat = alice.run("client.command({ type: 'chat.direct', person: given })", charlie_id)["chat"]
    alice.show(chat)
    alice.say(chat, "Nice to meet you")
    charlie.show(chat)
    charlie.wait("lines().length === 2")
    charlie.wait("seen.contacts[0].presence?.online")
    charlie.run("client.command({ type: 'contact.remove', person: given })", alice_id)
    alice.wait("timeline.state.chat.writable === false")
    alice.say(chat, "Are you there?")
    alice.wait("marks().at(-1) === 'refused'")
    assert alice.run("timeline.rows.at(-1).failure.code") == "not_contacts"
    assert charlie.run("lines()") == ["", "Nice to meet you"]


def test_chat_settings_and_reading_reach_the_second_device(sign_in, cast):
    bob = sign_in(cast.bob).online().show(cast.chat)
    first = sign_in(cast.alice).online()
    second = sign_in(cast.alice).online()
    marks = "client.command({ type: 'chat.marks', chat: given, pinned: true, muted: true })"
    first.run(marks, str(cast.chat))
    second.wait("seen.chats[0].pinned && seen.chats[0].muted")
    bob.say(cast.chat, "one")
    bob.say(cast.chat, "two")
    for tab in (first, second):
        tab.wait("seen.chats[0].unread === 2")
    second.show(cast.chat, "unread").run("timeline.read(2)")
    first.wait("seen.chats[0].unread === 0")
    bob.wait("marks().join() === 'read,read'")
    unread = "client.command({ type: 'chat.marks', chat: given, marked_unread: true })"
    first.run(unread, str(cast.chat))
    second.wait("seen.chats[0].marked_unread")


def test_a_long_history_is_paged_from_the_server(sign_in, cast):
    bob = sign_in(cast.bob).online()
    given = {"chat": str(cast.chat)}
    bob.run(
        """Promise.all(Array.from({ length: 180 }, (_, number) =>
          client.send(given.chat, `line ${number + 1}`)))""",
        given,
    )
    bob.wait("client.debug().then(({ outbox }) => outbox === 0)")
    alice = sign_in(cast.alice).online().show(cast.chat)
    alice.wait("timeline.state.rows.length >= 50")
    while not alice.run("timeline.state.atStart"):
        alice.run("timeline.loadBefore()")
    assert alice.run("lines()") == [f"line {number}" for number in range(1, 181)]
    alice.show(cast.chat, 90)
    assert alice.run("timeline.state.anchor") == 90
    day = Message.objects.filter(chat_id=cast.chat).earliest("seq").created_at.astimezone().date()
    alice.show(cast.chat, {"date": day.isoformat()})
    assert alice.run("timeline.state.anchor") == 1


def test_the_owner_reconnects_to_a_server_that_was_killed(sign_in, cast, one_server):
    alice = sign_in(cast.alice).online().show(cast.chat)
    bob = sign_in(cast.bob).online().show(cast.chat)
    alice.say(cast.chat, "before")
    bob.wait("lines().length === 1")
    one_server.kill9()
    bob.wait("seen.connection.state !== 'online'")
    bob.say(cast.chat, "in between")
    one_server.restart()
    for tab in (alice, bob):
        tab.run("client.reconnect()")
        tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert texts(cast) == ["before", "in between"]


def test_a_group_from_creating_to_leaving_it(sign_in, cast):
    alice, bob = sign_in(cast.alice).online(), sign_in(cast.bob).online()
    people = [str(cast.bob.id)]
    create = "client.command({ type: 'group.create', title: 'Harbour', people: given })"
    chat = alice.run(create, people)["chat"]
    alice.show(chat)
    bob.wait("seen.chats.some(({ title }) => title === 'Harbour')")
    bob.show(chat)
    bob.wait("timeline.state.members?.length === 2")
    bob.run("client.typing(given)", chat)
    alice.wait("timeline.state.chat.typing[0]?.name === 'Bob'")
    alice.say(chat, "wellcome")
    bob.wait("lines().at(-1) === 'wellcome'")
    seq = bob.run("timeline.rows.at(-1).seq")
    given = {"chat": chat, "seq": seq}
    alice.run("client.command({ type: 'edit', ...given, text: 'welcome' })", given)
    bob.wait("lines().at(-1) === 'welcome' && timeline.rows.at(-1).edited_at")
    bob.run("client.react(given.chat, given.seq, '🎉')", given)
    alice.wait("timeline.rows.at(-1).reactions[0]?.count === 1")
    rename = "client.command({ type: 'group.rename', ...given })"
    alice.run(rename, {"chat": chat, "title": "Shore"})
    bob.wait("timeline.state.chat.title === 'Shore'")
    assert bob.failure(rename, {"chat": chat, "title": "Mine"}) == "forbidden"
    bob.run("client.saveDraft(given, 'half a thought')", chat)
    again = sign_in(cast.bob).online()
    again.wait("seen.chats.some(({ draft }) => draft === 'half a thought')")
    former = alice.run("client.request('formerTexts', given.chat, given.seq)", given)
    assert [one["text"] for one in former["texts"]] == ["wellcome"]
    alice.run("client.command({ type: 'pin', ...given })", given)
    alice.run("client.command({ type: 'save', ...given })", given)
    assert [row["text"] for row in alice.run("client.request('pins', given.chat)", given)] == [
        "welcome"
    ]
    alice.wait("timeline.rows.some(({ saved }) => saved)")
    assert [one["name"] for one in alice.run("client.request('saved')")] == ["Alice"]
    alice.run("client.command({ type: 'delete', ...given })", given)
    bob.wait("timeline.rows.some(({ seq, deleted }) => deleted && seq === given)", seq)
    bob.run("client.command({ type: 'group.leave', chat: given })", chat)
    bob.wait("timeline.state.status === 'left'")
    again.wait("seen.chats.every(({ title }) => title !== 'Shore')")
    alice.wait("timeline.state.members.length === 1")


def test_joining_by_a_link_opens_the_group(sign_in, cast):
    alice, charlie = sign_in(cast.alice).online(), sign_in(cast.charlie).online()
    chat = alice.run("client.command({ type: 'group.create', title: 'Harbour' })")["chat"]
    link = alice.run("client.request('makeLink', given, { hours: 1 })", chat)
    secret = link["url"].rsplit("/", 1)[1]
    assert charlie.run(f"({JOIN})('GET', given)", secret)["title"] == "Harbour"
    assert charlie.run(f"({JOIN})('POST', given)", secret)["id"] == chat
    charlie.show(chat)
    charlie.wait("timeline.state.members?.length === 2")
    alice.wait("seen.chats.some(({ members }) => members === 2)")
    given = {"chat": chat, "link": link["id"]}
    alice.run("client.request('revokeLink', given.chat, given.link)", given)
    assert alice.run("client.request('links', given)", chat) == []
