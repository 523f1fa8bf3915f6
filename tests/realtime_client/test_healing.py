"""What is held and is not what is stored: fetched again, without anybody losing their place."""

from typing import Any

from apps.wire import commands, events
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import Room, ScriptedServer


def differ(script: ScriptedServer, room: Room, first: int, last: int) -> None:
    """At the next resume that part of the room turns out to differ."""

    def answer(command: commands.Resume) -> list[Any] | None:
        script.on_resume = lambda command: None
        return [events.Mismatch(chat=room.id, first=first, last=last)]

    script.on_resume = answer
    script.cut()


def test_rows_that_differ_are_replaced_where_they_stand(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 301)))
    tab = enter(bob).online().show(room.id)
    for count in (100, 150, 200):
        tab.run("timeline.loadBefore()")
        tab.wait(f"timeline.state.rows.length >= {count}")
    tab.run("timeline.follow(false)")
    before = tab.run("timeline.rows.map(({ key }) => key)")
    # More than a page of history, of which the stream never tells; the last is the chat's line.
    for seq in (151, 299, 300):
        room.change(seq, f"truly {seq}")
    tab.run("void (window.resets = diffs.filter(({ reset }) => reset).length)")
    differ(script, room, 151, 300)
    tab.wait("lines().at(-1) === 'truly 300'")
    tab.wait("timeline.rows.find(({ seq }) => seq === 151).text === 'truly 151'")
    tab.wait("seen.chats[0].last.text === 'truly 300'")
    assert tab.run("timeline.rows.map(({ key }) => key)") == before
    assert tab.run("diffs.filter(({ reset }) => reset).length === resets")
    assert tab.debug()["spans"] == {str(room.id): [[101, 300]]}


def test_what_could_not_be_fetched_again_is_when_the_line_is_back(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "one", "two", "three")
    tab = enter(bob).online().show(room.id)
    room.change(2, "truly two")
    script.pages_fail = True
    asked = len(script.pages())
    differ(script, room, 1, 3)
    script.wait_for(lambda: len(script.pages()) > asked)
    tab.online()
    assert tab.run("lines()") == ["one", "two", "three"]
    script.pages_fail = False
    script.cut()
    tab.wait("lines()[1] === 'truly two'")


def test_rows_on_their_way_while_a_part_turns_out_to_differ_are_made_right(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 201)))
    tab = enter(bob).online().show(room.id)
    mismatch = events.Mismatch(chat=room.id, first=101, last=150)

    def meanwhile() -> None:
        room.change(120, "truly 120")
        script.emit(bob, mismatch)

    script.before_page_leaves = meanwhile
    tab.run("timeline.loadBefore()")
    tab.wait("timeline.rows.find(({ seq }) => seq === 120).text === 'truly 120'")
