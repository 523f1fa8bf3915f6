"""`<chat-thread>`, while its requests are delayed."""

import json
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Route

from apps.wire.codec import encode
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import ScriptedChat, ScriptedServer
from tests.realtime_client.tab import Tab
from tests.realtime_client.test_transports import in_tab

OPEN = """(async () => {
  await import('/static/r1/chats/thread.js');
  window.thread = document.createElement('chat-thread');
  Object.assign(thread, { chat: given, root: 1, changes: new EventTarget(), room: ROOM });
  document.body.append(thread);
})()"""
ROOM = """{ chat: { id: given, kind: 'group', title: '', writable: true, scheduled: [] },
    members: null, people: {}, positions: { delivered: 0, read: 0, of: 0, members: [] },
    pending: [] }"""
OPEN = OPEN.replace("ROOM", ROOM)
TEXTS = "thread.querySelector('thread-rows').innerText"


def threaded(enter: Enter, browsers: Enter, script: ScriptedServer) -> tuple[Tab, ScriptedChat]:
    """Bob's tab, and a message of Alice's that has two replies."""
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "shall we?")
    for text in ("gladly", "not today"):
        chat.say(alice, text, reply_to=1, thread=1)
    return enter(bob, in_tab(browsers(bob))).online(), chat


def page_of(chat: ScriptedChat, *seqs: int, more: bool = False) -> str:
    """A page of the thread."""
    items = [json.loads(encode(chat.messages[seq - 1])) for seq in seqs]
    return json.dumps({"items": items, "next": "on" if more else None})


def cursor_of(route: Route) -> str | None:
    """The cursor of a request."""
    return parse_qs(urlparse(route.request.url).query).get("cursor", [None])[0]


def test_pressing_more_twice_loads_one_page(enter, browsers, script):
    tab, chat = threaded(enter, browsers, script)
    asked: list[str | None] = []

    def answer(route: Route) -> None:
        asked.append(cursor_of(route))
        first = asked[-1] is None
        body = page_of(chat, 2, more=True) if first else page_of(chat, 3)
        route.fulfill(body=body, content_type="application/json")

    tab.page.context.route("**/messages/*/thread*", answer)
    tab.run(OPEN, str(chat.id))
    tab.wait(f"{TEXTS}.includes('gladly')")
    tab.run(
        """(([more]) => { more.click(); more.click(); })(
          [...thread.querySelectorAll('button')].filter((one) => one.innerText === 'More'))"""
    )
    tab.wait(f"{TEXTS}.includes('not today')")
    assert asked == [None, "on"]
    assert tab.run(f"{TEXTS}.split('not today').length") == 2


def test_a_failure_that_is_outdated_leaves_the_list(enter, browsers, script):
    tab, chat = threaded(enter, browsers, script)
    held: list[Route] = []
    tab.page.context.route("**/messages/*/thread*", lambda route: held.append(route))
    tab.run(OPEN, str(chat.id))
    for held_by_then, question in enumerate(("outdated", "newest"), start=1):
        while len(held) < held_by_then:
            tab.page.wait_for_timeout(10)
        tab.run(f"void (window.{question} = thread.refresh())")
    while len(held) < 3:
        tab.page.wait_for_timeout(10)
    held[2].fulfill(body=page_of(chat, 2, 3), content_type="application/json")
    tab.run("newest")
    for question in held[:2]:
        question.fulfill(status=503, body="{}")
    tab.run("outdated")
    assert tab.run("thread.querySelector('.error')") is None
    assert "not today" in tab.run(TEXTS)


def test_replies_join_the_pages_that_are_loaded(enter, browsers, script):
    tab, chat = threaded(enter, browsers, script)
    asked: list[str | None] = []

    def answer(route: Route) -> None:
        asked.append(cursor_of(route))
        body = page_of(chat, 2, more=True) if asked[-1] is None else page_of(chat, 3)
        route.fulfill(body=body, content_type="application/json")

    tab.page.context.route("**/messages/*/thread*", answer)
    tab.run(OPEN, str(chat.id))
    tab.wait(f"{TEXTS}.includes('gladly')")
    tab.run(
        "[...thread.querySelectorAll('button')].find((one) => one.innerText === 'More').click()"
    )
    tab.wait(f"{TEXTS}.includes('not today')")
    tab.run(
        """[{ seq: 9, text: 'newest' }, { seq: 2, deleted: true }].forEach((row) => thread.changes
          .dispatchEvent(new CustomEvent('changed', { detail: [{ thread: 1, key: `${row.seq}`,
            text: '', kind: 'text', files: [], mentions: [], reactions: [], previews: [],
            at: '2026-01-01T00:00:00Z', sender: '', state: 'sent', ...row }] })))"""
    )
    tab.wait(f"{TEXTS}.includes('newest')")
    shown = tab.run(TEXTS)
    assert "not today" in shown
    assert "gladly" not in shown  # as it is now
    assert asked == [None, "on"]

    # One that was refused is resolved by keyboard: it has the tab stop.
    refused = """thread.room = { ...ROOM, pending: [{ seq: null, state: 'refused', failure: null,
      text: 'refused', key: 'r', kind: 'text', mine: true, quote: { seq: 1 }, files: [],
      mentions: [], reactions: [], previews: [], sender: '', at: '2026-01-01T00:00:00Z' }] }"""
    tab.run(refused.replace("ROOM", ROOM), str(chat.id))
    again = "[...thread.querySelectorAll('.row-refused button')].map((one) => one.tabIndex)"
    tab.wait(f"{again}.length")
    tab.run("thread.querySelector('[data-key=r]').focus()")
    assert tab.run(again) == [0, 0]

    # After a gap as many are fetched as are shown.
    tab.run("thread.changes.dispatchEvent(new CustomEvent('changed', { detail: null }))")
    tab.wait(f"!{TEXTS}.includes('newest') && {TEXTS}.includes('gladly')")
    assert "not today" in tab.run(TEXTS)
