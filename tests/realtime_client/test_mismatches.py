"""Cached parts that differ from the server: fetched again, and the reader stays in place."""

from typing import Any

from apps.wire import commands, events
from tests.realtime_client.scripted import ScriptedChat, ScriptedServer


def differ(script: ScriptedServer, chat: ScriptedChat, first: int, last: int) -> None:
    """Make the next resume find a mismatch in a part of the chat."""

    def answer(command: commands.Resume) -> list[Any] | None:
        script.on_resume = lambda command: None
        return [events.Mismatch(chat=chat.id, first=first, last=last)]

    script.on_resume = answer
    script.cut()


def test_rows_that_differ_are_replaced_in_place(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 301)))
    tab = enter(bob).online().show(chat.id)
    for count in (100, 150, 200):
        tab.run("timeline.loadBefore()")
        tab.wait(f"timeline.state.rows.length >= {count}")
    tab.run("timeline.follow(false)")
    before = tab.run("timeline.rows.map(({ key }) => key)")
    # More than a page of history without events; the last entry is the chat's line in the list.
    for seq in (151, 299, 300):
        chat.change(seq, f"truly {seq}")
    tab.run("void (window.resets = diffs.filter(({ reset }) => reset).length)")
    differ(script, chat, 151, 300)
    tab.wait("lines().at(-1) === 'truly 300'")
    tab.wait("timeline.rows.find(({ seq }) => seq === 151).text === 'truly 151'")
    tab.wait("seen.chats[0].last.text === 'truly 300'")
    assert tab.run("timeline.rows.map(({ key }) => key)") == before
    assert tab.run("diffs.filter(({ reset }) => reset).length === resets")
    assert tab.debug()["spans"] == {str(chat.id): [[101, 300]]}


def test_a_part_that_could_not_be_fetched_again_is_when_online(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "one", "two", "three")
    tab = enter(bob).online().show(chat.id)
    chat.change(2, "truly two")
    script.pages_fail = True
    asked = len(script.pages())
    differ(script, chat, 1, 3)
    script.wait_for(lambda: len(script.pages()) > asked)
    tab.online()
    assert tab.run("lines()") == ["one", "two", "three"]
    script.pages_fail = False
    script.cut()
    tab.wait("lines()[1] === 'truly two'")


def test_rows_requested_before_a_mismatch_are_corrected(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 201)))
    tab = enter(bob).online().show(chat.id)
    mismatch = events.Mismatch(chat=chat.id, first=101, last=150)

    def meanwhile() -> None:
        chat.change(120, "truly 120")
        script.emit(bob, mismatch)

    script.before_page_leaves = meanwhile
    tab.run("timeline.loadBefore()")
    tab.wait("timeline.rows.find(({ seq }) => seq === 120).text === 'truly 120'")
