"""Losing the line and coming back: nothing is lost, doubled or out of order."""

from uuid import uuid4

from msgspec.structs import replace

from apps.wire import bodies, commands, events
from apps.wire.limits import MAX_FRAME_BYTES
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import Room, ScriptedServer


def test_what_was_missed_is_shown_in_order_before_anything_new(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "0")
    tab = enter(bob).online().show(room.id)
    script.cut()
    for number in range(1, 40):
        room.say(alice, str(number))
    tab.wait("lines().length === 40")
    assert tab.run("lines()") == [str(number) for number in range(40)]
    resume = next(one for one in reversed(script.received) if isinstance(one, commands.Resume))
    assert (resume.epoch, resume.chats) == (script.epoch, {room.id: 1})


def test_catching_up_with_changed_entries_fills_in_seq_order(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "one")
    tab = enter(bob).online().show(room.id)
    script.cut()
    for text in ("twwo", "three", "four"):
        room.say(alice, text)
    room.change(2, "two")  # now the last in rev order, though not in seq order
    tab.wait("lines().length === 4")
    assert tab.run("lines()") == ["one", "two", "three", "four"]


def test_a_lost_event_is_noticed_by_the_next_one(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "one")
    tab = enter(bob).online().show(room.id)
    room.say(alice, "two")
    script.emit(bob, room.say(alice, "three"))
    tab.wait("lines().length === 3")
    assert tab.run("lines()") == ["one", "two", "three"]
    assert tab.debug()["socketsOpened"] == 1


def test_a_lost_last_event_is_noticed_by_the_heartbeat(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "one")
    tab = enter(bob).online().show(room.id)
    room.say(alice, "two")
    script.emit(bob, script.heartbeat(bob, {room.id: 2}))
    tab.wait("lines().length === 2")
    script.emit(bob, script.heartbeat(bob, {room.id: 2}))
    assert tab.debug()["resumes"] == 2


def test_a_gap_keeps_the_newest_and_fetches_older_ones_when_asked(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"old {number}" for number in range(20)))
    tab = enter(bob).online().show(room.id)
    tab.wait("timeline.state.rows.length === 20 && timeline.state.atStart")
    for number in range(600):
        room.say(alice, f"new {number}")
    room.change(1, "old 0, changed")
    script.on_resume = lambda command: [_gap(room)] if command.epoch else None
    script.cut()
    tab.wait("lines().at(-1) === 'new 599'")
    assert tab.run("timeline.state.atEnd") is True
    script.emit(bob, room.say(alice, "after"))
    tab.wait("lines().at(-1) === 'after'")
    seqs = tab.run("timeline.state.rows.map((row) => row.seq)")
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    tab.run("timeline.jump(1)")
    tab.wait("lines()[0] === 'old 0, changed'")
    assert tab.run("timeline.state.atEnd") is False


def test_who_reads_further_up_keeps_every_row_over_a_gap(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"old {number}" for number in range(1, 301)))
    tab = enter(bob).online().show(room.id)
    for count in (100, 150, 200):
        tab.run("timeline.loadBefore()")
        tab.wait(f"timeline.state.rows.length >= {count}")
    tab.run("timeline.follow(false)")
    before = tab.run("timeline.state.rows.map(({ key }) => key)")
    for number in range(600):
        room.say(alice, f"new {number}")
    room.change(120, "old 120, changed")
    script.on_resume = lambda command: [_gap(room)] if command.epoch else None
    script.cut()
    tab.wait("lines().includes('old 120, changed')")
    after = tab.run("timeline.state.rows.map(({ key }) => key)")
    assert after[: len(before)] == before
    assert tab.run("diffs.filter(({ reset }) => reset).at(-1).stay") is True
    assert tab.run("timeline.state.atEnd") is False


def test_a_gap_says_how_far_the_reader_has_read(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "old")
    tab = enter(bob).online()
    tab.wait("seen.chats[0].unread === 1")
    for number in range(600):
        room.say(alice, f"new {number}")
    script.on_resume = lambda command: [_gap(room)] if command.epoch else None
    script.cut()
    tab.wait("seen.chats[0].unread === 10")


def test_an_own_message_takes_the_mark_away_unless_it_was_made_later(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "old")
    tab = enter(bob).online()
    script.emit(bob, _marked(script, room, bob))
    tab.wait("seen.chats[0].marked_unread")
    script.emit(bob, room.say(bob, "from another device"))
    tab.wait("!seen.chats[0].marked_unread && seen.chats[0].unread === 0")
    earlier = room.say(bob, "before the mark")
    script.emit(bob, _marked(script, room, bob))
    tab.wait("seen.chats[0].marked_unread")
    script.emit(bob, earlier)
    tab.wait("seen.chats[0].last.text === 'before the mark'")
    assert tab.run("seen.chats[0].marked_unread") is True


def _marked(script: ScriptedServer, room: Room, person: bodies.Person) -> events.ChatChanged:
    marked = script.joined(room, person)
    return replace(marked, chat=replace(marked.chat, marked_unread=True))


def _gap(room: Room) -> events.Gap:
    last = len(room.messages)
    return events.Gap(
        chat=room.id,
        rev=room.rev,
        title=room.title,
        last_seq=last,
        read_seq=last - 10,
        messages=room.messages[-50:],
    )


def test_another_epoch_replaces_everything_but_what_is_unsent(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "one", "two", "three")
    tab = enter(bob).online().show(room.id)
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.say(room.id, "unsent")
    # Restored from an older backup: the third is gone, and so is all that led to it.
    script.epoch = uuid4()
    del room.messages[2]
    room.rev = 2
    script.down = False
    tab.run("client.reconnect()")
    # Three rows and nothing unsent is also what it looks like just before it is read anew.
    tab.wait("lines().join() === 'one,two,unsent' && timeline.state.pending.length === 0")
    assert tab.debug()["cursors"] == {str(room.id): 3}


def test_a_reload_shows_the_cache_without_any_server(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(60)))
    tab = enter(bob).online().show(room.id)
    tab.wait("timeline.state.rows.length >= 50")
    script.down = True
    script.cut()
    tab.page.close()
    tab = enter(bob, tab.page.context).show(room.id)
    assert tab.run("lines().at(-1)") == "line 59"
    assert tab.run("seen.chats[0].unread") == 60
    assert tab.run("seen.me.me.name") == "Bob"
    tab.wait("seen.connection.state === 'offline'")


def test_messages_written_offline_survive_a_reload_and_go_out_in_order(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online().show(room.id)
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    for text in ("one", "two", "three"):
        tab.say(room.id, text)
    tab.wait("seen.connection.queued === 3")
    tab.page.close()
    tab = enter(bob, tab.page.context).show(room.id)
    tab.wait("marks().join() === 'pending,pending,pending'")
    script.down = False
    tab.run("client.reconnect()")
    tab.wait("timeline.state.rows.length === 4 && timeline.state.pending.length === 0")
    assert [message.text for message in room.messages] == ["hello", "one", "two", "three"]
    assert tab.debug()["outbox"] == 0
    assert tab.run("seen.connection.queued") == 0


def test_without_a_socket_messages_go_out_by_post(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online().show(room.id)
    script.sockets_refused = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    client_id = tab.say(room.id, "by another way")
    script.wait_for(lambda: len(room.messages) == 2)
    tab.wait("marks().at(-1) === 'sent'")
    assert [str(one.client_id) for one in script.posted] == [client_id]
    key = tab.run("timeline.rows.at(-1).key")
    script.sockets_refused = False
    tab.run("client.reconnect()")
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert tab.run("timeline.rows.at(-1).key") == key
    assert script.sends() == script.posted, "once, by POST"


def test_only_what_is_not_held_is_fetched(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 501)))
    tab = enter(bob).online().show(room.id)
    tab.wait("timeline.state.rows.length >= 50")
    for count in (100, 150, 200):
        tab.run("timeline.loadBefore()")
        tab.wait(f"timeline.state.rows.length >= {count}")
    seqs = tab.run("timeline.state.rows.map((row) => row.seq)")
    assert seqs == list(range(seqs[0], 501))
    fetched = len(script.pages())
    tab.show(room.id, 400)
    tab.show(room.id, "end")
    tab.page.close()
    tab = enter(bob, tab.page.context).online().show(room.id)
    tab.run("timeline.loadBefore()")
    tab.wait("timeline.state.rows.length >= 100")
    assert len(script.pages()) == fetched


def test_a_window_stays_small_over_a_long_chat(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 1001)))
    tab = enter(bob).online().show(room.id, 500)
    assert tab.run("timeline.state.anchor") == 500
    assert 500 in tab.run("timeline.state.rows.map((row) => row.seq)")
    for _ in range(8):
        tab.run("timeline.loadBefore()")
    seqs = tab.run("timeline.state.rows.map((row) => row.seq)")
    assert len(seqs) <= 240
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    assert tab.run("timeline.state.atEnd") is False
    for _ in range(20):
        tab.run("timeline.loadAfter()")
    assert tab.run("timeline.state.atEnd") is True
    seqs = tab.run("timeline.state.rows.map((row) => row.seq)")
    assert len(seqs) <= 240
    assert seqs == list(range(seqs[0], 1001))


def test_a_full_window_that_is_read_further_up_stops_growing(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 501)))
    tab = enter(bob).online().show(room.id)
    tab.wait("timeline.state.rows.length === 50")
    for _ in range(3):
        tab.run("timeline.loadBefore()")
    assert len(tab.run("timeline.state.rows")) == 200
    tab.run("timeline.follow(false)")
    first = tab.run("timeline.rows[0].seq")
    for number in range(60):
        script.emit(bob, room.say(alice, f"more {number}"))
    tab.wait("timeline.state.chat.last_seq === 560 && timeline.state.atEnd === false")
    assert len(tab.run("timeline.state.rows")) == 240
    assert tab.run("timeline.rows[0].seq") == first
    tab.run("timeline.jump('end')")
    tab.wait("lines().at(-1) === 'more 59'")


def test_a_day_opens_at_its_first_entry(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 301)))
    day = room.messages[0].at.astimezone().date().isoformat()
    tab = enter(bob).online().show(room.id, {"date": day})
    assert tab.run("timeline.state.anchor") == 1
    assert "tz=" in script.pages()[-1]


def test_a_page_that_is_overtaken_by_a_change_shows_the_change(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 201)))
    tab = enter(bob).online()
    script.before_page_leaves = lambda: script.emit(bob, room.change(10, "changed meanwhile"))
    tab.show(room.id, 10)
    tab.wait("timeline.rows.find((row) => row.seq === 10).text === 'changed meanwhile'")


def test_a_chat_that_is_not_ours_fails_as_absent(enter: Enter, script: ScriptedServer) -> None:
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    room = script.room(bob, alice, "between us")
    tab = enter(charlie).online()
    tab.run("show(given, 'end')", str(room.id))
    tab.wait("timeline.state.status === 'failed'")
    assert tab.run("timeline.state.failure.code") == "not_found"
    assert enter(bob).online().show(room.id).run("lines()") == ["between us"]


def test_what_could_not_be_opened_offline_opens_by_itself(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(1, 301)))
    tab = enter(bob).online()
    script.down = True
    script.cut()
    tab.run("show(given, 5)", str(room.id))
    tab.wait("timeline.state.status === 'failed'")
    assert tab.run("timeline.state.failure.code") == "unavailable"
    script.down = False
    tab.run("client.reconnect()")
    tab.wait("timeline.state.status === 'ready'")
    assert tab.run("timeline.state.anchor") == 5


def test_a_long_last_message_is_whole_in_its_chat(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "w" * 400)
    tab = enter(bob).online()
    assert tab.wait("seen.chats[0].last.text.length") == 300
    tab.show(room.id)
    tab.wait("lines().at(-1).length === 400")
    # A list that comes again takes nothing away from what is held.
    script.on_resume = lambda command: [script.joined(room, bob)]
    script.cut()
    tab.online()
    assert tab.run("lines().at(-1).length") == 400


def test_a_resume_names_as_many_chats_as_fit(enter: Enter, script: ScriptedServer) -> None:
    tab = enter(script.person("Alice"))
    named = tab.run(
        """(({ Model, newRecord }) => {
          const model = new Model('me');
          for (let n = 0; n < 24_100; n++) {
            const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
            const active_at = new Date(n * 1000).toISOString();
            model.chats.set(id, newRecord({ id, rev: 2 ** 53 - 1, last: null, active_at }));
          }
          model.epoch = '0';
          const { chats } = model.cursor();
          const ids = Object.keys(chats).sort();
          return [ids.length, ids[0].slice(-5), JSON.stringify(chats).length];
        })(await import('/static/r1/realtime/worker/model.js'))"""
    )
    assert named[:2] == [20_000, "04100"]
    assert named[2] < MAX_FRAME_BYTES - 10_000
