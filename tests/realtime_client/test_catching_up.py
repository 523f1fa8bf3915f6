"""Reconnecting: no message is lost, doubled or out of order."""

from uuid import uuid4

from msgspec.structs import replace

from apps.wire import bodies, commands, events
from apps.wire.limits import MAX_FRAME_BYTES
from tests.realtime_client.scripted import ScriptedChat, ScriptedServer


def test_missed_messages_are_shown_in_order_before_new_ones(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "0")
    tab = enter(bob).online().show(chat.id)
    script.cut()
    for number in range(1, 40):
        chat.say(alice, str(number))
    tab.wait("lines().length === 40")
    assert tab.run("lines()") == [str(number) for number in range(40)]
    resume = next(one for one in reversed(script.received) if isinstance(one, commands.Resume))
    assert (resume.epoch, resume.chats) == (script.epoch, {chat.id: 1})


def test_catching_up_sorts_changed_entries_by_seq(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "one")
    tab = enter(bob).online().show(chat.id)
    script.cut()
    for text in ("twwo", "three", "four"):
        chat.say(alice, text)
    chat.change(2, "two")  # now the last in rev order, though not in seq order
    tab.wait("lines().length === 4")
    assert tab.run("lines()") == ["one", "two", "three", "four"]


def test_the_next_event_reveals_a_lost_one(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "one")
    tab = enter(bob).online().show(chat.id)
    chat.say(alice, "two")
    script.emit(bob, chat.say(alice, "three"))
    tab.wait("lines().length === 3")
    assert tab.run("lines()") == ["one", "two", "three"]
    assert tab.debug()["socketsOpened"] == 1


def test_the_heartbeat_reveals_a_lost_last_event(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "one")
    tab = enter(bob).online().show(chat.id)
    chat.say(alice, "two")
    script.emit(bob, script.heartbeat(bob, {chat.id: 2}))
    tab.wait("lines().length === 2")
    script.emit(bob, script.heartbeat(bob, {chat.id: 2}))
    assert tab.debug()["resumes"] == 2


def test_after_a_gap_older_messages_are_fetched_on_demand(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"old {number}" for number in range(20)))
    tab = enter(bob).online().show(chat.id)
    tab.wait("timeline.state.rows.length === 20 && timeline.state.atStart")
    for number in range(600):
        chat.say(alice, f"new {number}")
    chat.change(1, "old 0, changed")
    script.on_resume = lambda command: [_gap(chat)] if command.epoch else None
    script.cut()
    tab.wait("lines().at(-1) === 'new 599'")
    assert tab.run("timeline.state.atEnd") is True
    script.emit(bob, chat.say(alice, "after"))
    tab.wait("lines().at(-1) === 'after'")
    seqs = tab.run("timeline.state.rows.map((row) => row.seq)")
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    tab.run("timeline.jump(1)")
    tab.wait("lines()[0] === 'old 0, changed'")
    assert tab.run("timeline.state.atEnd") is False


def test_a_reader_further_up_keeps_every_row_over_a_gap(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"old {number}" for number in range(1, 301)))
    tab = enter(bob).online().show(chat.id)
    for count in (100, 150, 200):
        tab.run("timeline.loadBefore()")
        tab.wait(f"timeline.state.rows.length >= {count}")
    tab.run("timeline.follow(false)")
    before = tab.run("timeline.state.rows.map(({ key }) => key)")
    for number in range(600):
        chat.say(alice, f"new {number}")
    chat.change(120, "old 120, changed")
    script.on_resume = lambda command: [_gap(chat)] if command.epoch else None
    script.cut()
    tab.wait("lines().includes('old 120, changed')")
    after = tab.run("timeline.state.rows.map(({ key }) => key)")
    assert after[: len(before)] == before
    assert tab.run("diffs.filter(({ reset }) => reset).at(-1).stay") is True
    assert tab.run("timeline.state.atEnd") is False


def test_a_gap_carries_the_read_position(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "old")
    tab = enter(bob).online()
    tab.wait("seen.chats[0].unread === 1")
    for number in range(600):
        chat.say(alice, f"new {number}")
    script.on_resume = lambda command: [_gap(chat)] if command.epoch else None
    script.cut()
    tab.wait("seen.chats[0].unread === 10")


def test_an_own_message_clears_an_earlier_unread_mark_only(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "old")
    tab = enter(bob).online()
    script.emit(bob, _marked(script, chat, bob))
    tab.wait("seen.chats[0].marked_unread")
    script.emit(bob, chat.say(bob, "from another device"))
    tab.wait("!seen.chats[0].marked_unread && seen.chats[0].unread === 0")
    earlier = chat.say(bob, "before the mark")
    script.emit(bob, _marked(script, chat, bob))
    tab.wait("seen.chats[0].marked_unread")
    script.emit(bob, earlier)
    tab.wait("seen.chats[0].last.text === 'before the mark'")
    assert tab.run("seen.chats[0].marked_unread") is True


def _marked(
    script: ScriptedServer, chat: ScriptedChat, person: bodies.Person
) -> events.ChatChanged:
    marked = script.joined(chat, person)
    return replace(marked, chat=replace(marked.chat, marked_unread=True))


def _gap(chat: ScriptedChat) -> events.Gap:
    last = len(chat.messages)
    return events.Gap(
        chat=chat.id,
        rev=chat.rev,
        title=chat.title,
        last_seq=last,
        read_seq=last - 10,
        messages=chat.messages[-50:],
    )


def test_another_epoch_replaces_everything_but_unsent_messages(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "one", "two", "three")
    tab = enter(bob).online().show(chat.id)
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.say(chat.id, "unsent")
    # The server was restored from a backup without the third message and its events.
    script.epoch = uuid4()
    del chat.messages[2]
    chat.rev = 2
    script.down = False
    tab.run("client.reconnect()")
    # Just before the reset there are three rows and nothing unsent, too.
    tab.wait("lines().join() === 'one,two,unsent' && timeline.state.pending.length === 0")
    assert tab.debug()["cursors"] == {str(chat.id): 3}


def test_a_reload_without_a_server_shows_the_cache(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(60)))
    tab = enter(bob).online().show(chat.id)
    tab.wait("timeline.state.rows.length >= 50")
    script.down = True
    script.cut()
    tab.page.close()
    tab = enter(bob, tab.page.context).show(chat.id)
    assert tab.run("lines().at(-1)") == "line 59"
    assert tab.run("seen.chats[0].unread") == 60
    assert tab.run("seen.me.me.name") == "Bob"
    tab.wait("seen.connection.state === 'offline'")


def test_messages_written_offline_survive_a_reload_and_are_sent_in_order(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    for text in ("one", "two", "three"):
        tab.say(chat.id, text)
    tab.wait("seen.connection.queued === 3")
    tab.page.close()
    tab = enter(bob, tab.page.context).show(chat.id)
    tab.wait("marks().join() === 'pending,pending,pending'")
    script.down = False
    tab.run("client.reconnect()")
    tab.wait("timeline.state.rows.length === 4 && timeline.state.pending.length === 0")
    assert [message.text for message in chat.messages] == ["hello", "one", "two", "three"]
    assert tab.debug()["outbox"] == 0
    assert tab.run("seen.connection.queued") == 0


def test_messages_are_posted_while_there_is_no_socket(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    script.sockets_refused = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    client_id = tab.say(chat.id, "by another way")
    script.wait_for(lambda: len(chat.messages) == 2)
    tab.wait("marks().at(-1) === 'sent'")
    assert [str(one.client_id) for one in script.posted] == [client_id]
    key = tab.run("timeline.rows.at(-1).key")
    script.sockets_refused = False
    tab.run("client.reconnect()")
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert tab.run("timeline.rows.at(-1).key") == key
    assert script.sends() == script.posted, "once, by POST"


def test_only_messages_that_are_not_cached_are_fetched(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 501)))
    tab = enter(bob).online().show(chat.id)
    tab.wait("timeline.state.rows.length >= 50")
    for count in (100, 150, 200):
        tab.run("timeline.loadBefore()")
        tab.wait(f"timeline.state.rows.length >= {count}")
    seqs = tab.run("timeline.state.rows.map((row) => row.seq)")
    assert seqs == list(range(seqs[0], 501))
    fetched = len(script.pages())
    tab.show(chat.id, 400)
    tab.show(chat.id, "end")
    tab.page.close()
    tab = enter(bob, tab.page.context).online().show(chat.id)
    tab.run("timeline.loadBefore()")
    tab.wait("timeline.state.rows.length >= 100")
    assert len(script.pages()) == fetched


def test_a_range_stays_small_in_a_long_chat(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 1001)))
    tab = enter(bob).online().show(chat.id, 500)
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


def test_a_full_range_stops_growing_while_the_reader_is_further_up(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 501)))
    tab = enter(bob).online().show(chat.id)
    tab.wait("timeline.state.rows.length === 50")
    for _ in range(3):
        tab.run("timeline.loadBefore()")
    assert len(tab.run("timeline.state.rows")) == 200
    tab.run("timeline.follow(false)")
    first = tab.run("timeline.rows[0].seq")
    for number in range(60):
        script.emit(bob, chat.say(alice, f"more {number}"))
    tab.wait("timeline.state.chat.last_seq === 560 && timeline.state.atEnd === false")
    assert len(tab.run("timeline.state.rows")) == 240
    assert tab.run("timeline.rows[0].seq") == first
    tab.run("timeline.jump('end')")
    tab.wait("lines().at(-1) === 'more 59'")


def test_a_day_opens_at_its_first_entry(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 301)))
    day = chat.messages[0].at.astimezone().date().isoformat()
    tab = enter(bob).online().show(chat.id, {"date": day})
    assert tab.run("timeline.state.anchor") == 1
    assert "tz=" in script.pages()[-1]


def test_a_change_during_the_request_of_a_page_is_shown(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 201)))
    tab = enter(bob).online()
    script.before_page_leaves = lambda: script.emit(bob, chat.change(10, "changed meanwhile"))
    tab.show(chat.id, 10)
    tab.wait("timeline.rows.find((row) => row.seq === 10).text === 'changed meanwhile'")


def test_a_chat_of_other_people_fails_as_not_found(enter, script):
    alice, bob, charlie = (script.person(name) for name in ("Alice", "Bob", "Charlie"))
    chat = script.direct_chat(bob, alice, "between us")
    tab = enter(charlie).online()
    tab.run("show(given, 'end')", str(chat.id))
    tab.wait("timeline.state.status === 'failed'")
    assert tab.run("timeline.state.failure.code") == "not_found"
    assert enter(bob).online().show(chat.id).run("lines()") == ["between us"]


def test_a_chat_that_could_not_be_opened_offline_opens_when_online(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 301)))
    tab = enter(bob).online()
    script.down = True
    script.cut()
    tab.run("show(given, 5)", str(chat.id))
    tab.wait("timeline.state.status === 'failed'")
    assert tab.run("timeline.state.failure.code") == "unavailable"
    script.down = False
    tab.run("client.reconnect()")
    tab.wait("timeline.state.status === 'ready'")
    assert tab.run("timeline.state.anchor") == 5


def test_a_chat_that_is_replaced_while_it_opens_is_not_said_to_be_missing(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 301)))
    tab = enter(bob).online()
    # The chats of a large list come in later frames.
    snapshot, *chats = script.snapshot(bob)
    script.before_page_leaves = lambda: script.emit(bob, snapshot)
    tab.run("show(given, 5)", str(chat.id))
    # What is done to a range is done in its order.
    tab.run("timeline.loadBefore()")
    script.emit(bob, *chats, events.Synced())
    tab.wait("timeline.state.status === 'ready'")
    assert tab.run("timeline.state.anchor") == 5
    assert not tab.run("diffs.some(({ reset }) => reset?.status === 'failed')")


def test_a_long_last_message_is_complete_in_its_chat(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "w" * 400)
    tab = enter(bob).online()
    assert tab.wait("seen.chats[0].last.text.length") == 300
    tab.show(chat.id)
    tab.wait("lines().at(-1).length === 400")
    # A list that comes again does not shorten held messages.
    script.on_resume = lambda command: [script.joined(chat, bob)]
    script.cut()
    tab.online()
    assert tab.run("lines().at(-1).length") == 400


def test_a_resume_contains_as_many_cursors_as_fit(enter, script):
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
