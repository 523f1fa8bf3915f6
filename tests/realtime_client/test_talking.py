"""Sending and receiving: what the tab shows while answers are lost, doubled, refused or late."""

from uuid import UUID

from apps.wire import events
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import ScriptedServer, now


def test_what_others_say_appears_and_is_reported_as_delivered(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online().show(room.id)
    assert tab.run("lines()") == ["hello"]
    script.emit(bob, room.say(alice, "are you there?"))
    tab.wait("lines().length === 2")
    row = tab.run("timeline.rows[1]")
    assert (row["text"], row["mine"], row["seq"]) == ("are you there?", False, 2)
    assert tab.run("diffs.at(-1).fresh") == [row["key"]]
    assert tab.run("seen.chats[0].unread") == 2
    script.wait_for(lambda: (2, None) in script.reported(room.id))


def test_an_own_message_keeps_its_key_from_pending_to_read(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online().show(room.id)
    script.holding = True
    client_id = tab.say(room.id, "hi Alice")
    tab.wait("marks().at(-1) === 'pending'")
    key = tab.run("timeline.rows.at(-1).key")
    assert tab.run("seen.chats[0].last.text") == "hi Alice"
    script.release_held()
    tab.wait("marks().at(-1) === 'sent' && timeline.state.pending.length === 0")
    assert tab.run("timeline.rows.map((row) => row.key)")[1:] == [key]
    assert client_id in key
    script.emit(bob, script.position(room, alice, delivered=2, read=1))
    tab.wait("marks().at(-1) === 'delivered'")
    script.emit(bob, script.position(room, alice, delivered=2, read=2))
    tab.wait("marks().at(-1) === 'read'")
    script.emit(bob, script.position(room, alice, delivered=1, read=1))
    script.emit(bob, room.say(alice, "bye"))
    tab.wait("lines().length === 3")
    assert tab.run("marks()") == ["read"]


def test_frames_sent_twice_show_once(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "one")
    script.times = lambda event: 2
    tab = enter(bob).online().show(room.id)
    script.emit(bob, room.say(alice, "two"))
    tab.say(room.id, "three")
    tab.wait("timeline.state.rows.length === 3")
    script.emit(bob, room.say(alice, "four"))
    tab.wait("timeline.state.rows.length === 4")
    assert tab.run("lines()") == ["one", "two", "three", "four"]
    assert tab.debug()["framesDropped"] >= 3
    assert tab.debug()["outbox"] == 0


def test_a_lost_answer_is_healed_by_the_event(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice)
    tab = enter(bob).online().show(room.id)
    script.times = lambda event: 0 if isinstance(event, events.Ack) and event.seq else 1
    tab.say(room.id, "no answer needed")
    tab.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    assert tab.debug()["outbox"] == 0


def test_an_answer_without_its_event_is_asked_after(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice)
    tab = enter(bob).online().show(room.id)
    script.times = lambda event: 0 if isinstance(event, events.MessageChanged) else 1
    tab.say(room.id, "lost on the way back")
    tab.wait("marks().at(-1) === 'sent'")
    script.times = lambda event: 1
    tab.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    assert tab.debug()["socketsOpened"] == 1


def test_a_lost_answer_and_event_are_asked_for_again_with_the_same_id(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice)
    tab = enter(bob).online().show(room.id)
    script.times = lambda event: 0
    client_id = tab.say(room.id, "said once")
    script.wait_for(lambda: len(room.messages) == 1)
    script.times = lambda event: 1
    script.cut()
    tab.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    tab.say(room.id, "said next")
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert [message.text for message in room.messages] == ["said once", "said next"]
    assert room.messages[0].client_id == UUID(client_id)


def test_a_refusal_keeps_the_words_until_they_are_taken_back(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online().show(room.id)
    script.on_send = lambda command: events.Error(
        ref=command.ref, code="not_contacts", detail="Not in touch."
    )
    client_id = tab.say(room.id, "too late")
    tab.wait("marks().at(-1) === 'refused'")
    assert tab.run("timeline.rows.at(-1).failure") == {
        "code": "not_contacts",
        "detail": "Not in touch.",
        "retryAfter": None,
    }
    assert tab.run("seen.chats[0].refused") is True
    tab.page.reload()
    tab = enter(bob, tab.page.context).online().show(room.id)
    tab.wait("marks().at(-1) === 'refused'")
    assert tab.run("client.discard(given)", client_id) == "too late"
    tab.wait("marks().length === 0")
    assert tab.failure("client.discard(given)", client_id) == "not_found"


def test_a_refused_message_does_not_hold_up_the_next_and_can_be_retried(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice)
    tab = enter(bob).online().show(room.id)
    script.on_send = lambda command: (
        events.Error(ref=command.ref, code="invalid", detail="") if command.text == "odd" else None
    )
    client_id = tab.say(room.id, "odd")
    tab.say(room.id, "even")
    tab.wait("timeline.state.rows.length === 1 && marks().at(-1) === 'refused'")
    script.on_send = lambda command: None
    tab.run("client.retry(given)", client_id)
    tab.wait("timeline.state.rows.length === 2")
    assert [message.text for message in room.messages] == ["even", "odd"]


def test_too_fast_waits_as_told_and_keeps_the_order(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice)
    tab = enter(bob).online().show(room.id)
    refused: list[str] = []

    def once(command: events.Event) -> events.Error | None:
        if refused:
            return None
        refused.append(command.text)
        return events.Error(ref=command.ref, code="rate_limited", detail="", retry_after=0.3)

    script.on_send = once
    for text in ("one", "two", "three"):
        tab.say(room.id, text)
    tab.wait("timeline.state.rows.length === 3 && timeline.state.pending.length === 0")
    assert [message.text for message in room.messages] == ["one", "two", "three"]
    assert refused == ["one"]


def test_nothing_empty_or_too_long_is_queued(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice)
    tab = enter(bob).online()
    chat = str(room.id)
    assert tab.failure("client.send(given, ' \\n ')", chat) == "empty"
    assert tab.failure("client.send(given, 'x'.repeat(100_000))", chat) == "too_long"
    assert tab.failure("client.send(given, '😀'.repeat(99_999))", chat) == "none"
    tab.wait("seen.chats[0].last_seq === 1")
    assert len(room.messages[0].text) == 99_999


def test_reading_is_reported_once_a_second_and_clears_the_count_at_once(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, *(f"line {number}" for number in range(30)))
    tab = enter(bob).online().show(room.id, "unread")
    assert tab.run("timeline.state.unreadFrom") == 1
    for seq in range(1, 31):
        tab.run("timeline.read(given)", seq)
    assert tab.run("seen.chats[0].unread") == 0
    script.wait_for(lambda: any(read == 30 for _, read in script.reported(room.id)))
    assert len([read for _, read in script.reported(room.id) if read]) <= 3
    assert tab.run("timeline.state.unreadFrom") == 1


def test_a_draft_is_kept_until_it_is_sent(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online()
    given = {"chat": str(room.id), "text": "half a thou"}
    tab.run("client.saveDraft(given.chat, given.text)", given)
    tab.wait("seen.chats[0].draft === 'half a thou'")
    tab.page.close()
    tab = enter(bob, tab.page.context).online()
    assert tab.run("(await client.draft(given)).text", str(room.id)) == "half a thou"
    tab.say(room.id, "half a thought")
    tab.wait("seen.chats[0].draft === ''")
    tab.page.close()
    tab = enter(bob, tab.page.context).online()
    assert tab.run("(await client.draft(given)).text", str(room.id)) == ""


def test_a_change_of_an_entry_replaces_its_row(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "teh", "end")
    tab = enter(bob).online().show(room.id)
    tab.wait("lines().length === 2")
    key = tab.run("timeline.rows[0].key")
    script.emit(bob, room.change(1, "the"))
    tab.wait("lines()[0] === 'the'")
    assert tab.run("timeline.rows[0].key") == key
    assert tab.debug()["cursors"][str(room.id)] == 3


def test_unknown_events_move_the_cursor_and_hurt_nothing(
    enter: Enter, script: ScriptedServer
) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online().show(room.id)
    room.rev += 1
    script.raw(bob, {"type": "reaction", "chat": str(room.id), "rev": room.rev, "emoji": "x"})
    script.raw(bob, {"type": "saved", "user_rev": 1})
    script.raw(bob, [{"type": "weather", "of": "tomorrow"}])
    script.emit(bob, room.say(alice, "still here"))
    tab.wait("lines().length === 2")
    debug = tab.debug()
    assert (debug["cursors"][str(room.id)], debug["user"], debug["resumes"]) == (3, 1, 1)
    assert not tab.faults


def test_contacts_and_presence_arrive_unprompted(enter: Enter, script: ScriptedServer) -> None:
    alice, bob = script.person("Alice"), script.person("Bob")
    room = script.room(bob, alice, "hello")
    tab = enter(bob).online()
    assert tab.run("seen.chats[0].writable") is True
    script.emit(bob, script.presence(alice, online=True))
    tab.wait("seen.contacts[0].presence?.online && seen.chats[0].presence?.online")
    script.emit(bob, script.contact(bob, alice, "none"))
    tab.wait("seen.contacts.length === 0 && seen.chats[0].writable === false")
    script.emit(bob, script.contact(bob, alice, "incoming"))
    tab.wait("seen.contacts[0]?.state === 'incoming'")
    assert tab.run("seen.chats[0].id") == str(room.id)
    assert now() > room.messages[0].at
