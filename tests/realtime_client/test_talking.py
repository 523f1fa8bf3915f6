"""Sending and receiving, while replies are lost, doubled, refused or late."""

from uuid import UUID

from apps.wire import events
from tests.realtime_client.scripted import now


def test_messages_of_others_appear_and_are_reported_as_delivered(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    assert tab.run("lines()") == ["hello"]
    script.emit(bob, chat.say(alice, "are you there?"))
    tab.wait("lines().length === 2")
    row = tab.run("timeline.rows[1]")
    assert (row["text"], row["mine"], row["seq"]) == ("are you there?", False, 2)
    assert tab.run("diffs.at(-1).fresh") == [row["key"]]
    assert tab.run("seen.chats[0].unread") == 2
    script.wait_for(lambda: (2, None) in script.reported(chat.id))


def test_an_own_message_keeps_its_key_from_pending_to_read(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    script.holding = True
    client_id = tab.say(chat.id, "hi Alice")
    tab.wait("marks().at(-1) === 'pending'")
    key = tab.run("timeline.rows.at(-1).key")
    assert tab.run("seen.chats[0].last.text") == "hi Alice"
    script.release_held()
    tab.wait("marks().at(-1) === 'sent' && timeline.state.pending.length === 0")
    assert tab.run("timeline.rows.map((row) => row.key)")[1:] == [key]
    assert client_id in key
    script.emit(bob, script.position(chat, alice, delivered=2, read=1))
    tab.wait("marks().at(-1) === 'delivered'")
    script.emit(bob, script.position(chat, alice, delivered=2, read=2))
    tab.wait("marks().at(-1) === 'read'")
    script.emit(bob, script.position(chat, alice, delivered=1, read=1))
    script.emit(bob, chat.say(alice, "bye"))
    tab.wait("lines().length === 3")
    assert tab.run("marks()") == ["read"]


def test_frames_sent_twice_show_once(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "one")
    script.times = lambda event: 2
    tab = enter(bob).online().show(chat.id)
    script.emit(bob, chat.say(alice, "two"))
    tab.say(chat.id, "three")
    tab.wait("timeline.state.rows.length === 3")
    script.emit(bob, chat.say(alice, "four"))
    tab.wait("timeline.state.rows.length === 4")
    assert tab.run("lines()") == ["one", "two", "three", "four"]
    assert tab.debug()["framesDropped"] >= 3
    assert tab.debug()["outbox"] == 0


def test_the_event_replaces_a_lost_ack(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice)
    tab = enter(bob).online().show(chat.id)
    script.times = lambda event: 0 if isinstance(event, events.Ack) and event.seq else 1
    tab.say(chat.id, "no answer needed")
    tab.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    assert tab.debug()["outbox"] == 0


def test_an_ack_without_its_event_makes_the_owner_resume(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice)
    tab = enter(bob).online().show(chat.id)
    script.times = lambda event: 0 if isinstance(event, events.MessageChanged) else 1
    tab.say(chat.id, "lost on the way back")
    tab.wait("marks().at(-1) === 'sent'")
    script.times = lambda event: 1
    tab.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    assert tab.debug()["socketsOpened"] == 1


def test_without_ack_and_event_the_message_is_sent_again_with_the_same_id(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice)
    tab = enter(bob).online().show(chat.id)
    script.times = lambda event: 0
    client_id = tab.say(chat.id, "said once")
    script.wait_for(lambda: len(chat.messages) == 1)
    script.times = lambda event: 1
    script.cut()
    tab.wait("timeline.state.rows.length === 1 && timeline.state.pending.length === 0")
    tab.say(chat.id, "said next")
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert [message.text for message in chat.messages] == ["said once", "said next"]
    assert chat.messages[0].client_id == UUID(client_id)


def test_a_refused_message_stays_until_it_is_discarded(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    script.on_send = lambda command: events.Error(
        ref=command.ref, code="not_contacts", detail="Not in touch."
    )
    client_id = tab.say(chat.id, "too late")
    tab.wait("marks().at(-1) === 'refused'")
    assert tab.run("timeline.rows.at(-1).failure") == {
        "code": "not_contacts",
        "detail": "Not in touch.",
        "retryAfter": None,
    }
    assert tab.run("seen.chats[0].refused") is True
    tab.page.reload()
    tab = enter(bob, tab.page.context).online().show(chat.id)
    tab.wait("marks().at(-1) === 'refused'")
    assert tab.run("client.discard(given)", client_id) == "too late"
    tab.wait("marks().length === 0")
    assert tab.failure("client.discard(given)", client_id) == "not_found"


def test_a_refused_message_does_not_delay_the_next_and_can_be_retried(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice)
    tab = enter(bob).online().show(chat.id)
    script.on_send = lambda command: (
        events.Error(ref=command.ref, code="invalid", detail="") if command.text == "odd" else None
    )
    client_id = tab.say(chat.id, "odd")
    tab.say(chat.id, "even")
    tab.wait("timeline.state.rows.length === 1 && marks().at(-1) === 'refused'")
    script.on_send = lambda command: None
    tab.run("client.retry(given)", client_id)
    tab.wait("timeline.state.rows.length === 2")
    assert [message.text for message in chat.messages] == ["even", "odd"]


def test_a_rate_limited_outbox_waits_as_long_as_asked_and_keeps_the_order(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice)
    tab = enter(bob).online().show(chat.id)
    refused: list[str] = []

    def once(command: events.Event) -> events.Error | None:
        if refused:
            return None
        refused.append(command.text)
        return events.Error(ref=command.ref, code="rate_limited", detail="", retry_after=0.3)

    script.on_send = once
    for text in ("one", "two", "three"):
        tab.say(chat.id, text)
    tab.wait("timeline.state.rows.length === 3 && timeline.state.pending.length === 0")
    assert [message.text for message in chat.messages] == ["one", "two", "three"]
    assert refused == ["one"]


def test_empty_and_too_long_messages_are_not_queued(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice)
    tab = enter(bob).online()
    given = str(chat.id)
    assert tab.failure("client.send(given, ' \\n ')", given) == "empty"
    assert tab.failure("client.send(given, 'x'.repeat(100_000))", given) == "too_long"
    assert tab.failure("client.send(given, '😀'.repeat(99_999))", given) == "none"
    tab.wait("seen.chats[0].last_seq === 1")
    assert len(chat.messages[0].text) == 99_999


def test_read_positions_are_sent_once_a_second_and_clear_the_count_at_once(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(30)))
    tab = enter(bob).online().show(chat.id, "unread")
    assert tab.run("timeline.state.unreadFrom") == 1
    for seq in range(1, 31):
        tab.run("timeline.read(given)", seq)
    assert tab.run("seen.chats[0].unread") == 0
    script.wait_for(lambda: any(read == 30 for _, read in script.reported(chat.id)))
    assert len([read for _, read in script.reported(chat.id) if read]) <= 3
    assert tab.run("timeline.state.unreadFrom") == 1


def test_a_draft_is_stored_until_it_is_sent(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online()
    given = {"chat": str(chat.id), "text": "half a thou"}
    tab.run("client.saveDraft(given.chat, given.text)", given)
    tab.wait("seen.chats[0].draft === 'half a thou'")
    tab.page.close()
    tab = enter(bob, tab.page.context).online()
    assert tab.run("(await client.draft(given)).text", str(chat.id)) == "half a thou"
    tab.say(chat.id, "half a thought")
    tab.wait("seen.chats[0].draft === ''")
    tab.page.close()
    tab = enter(bob, tab.page.context).online()
    assert tab.run("(await client.draft(given)).text", str(chat.id)) == ""


def test_a_change_of_an_entry_replaces_its_row(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "teh", "end")
    tab = enter(bob).online().show(chat.id)
    tab.wait("lines().length === 2")
    key = tab.run("timeline.rows[0].key")
    script.emit(bob, chat.change(1, "the"))
    tab.wait("lines()[0] === 'the'")
    assert tab.run("timeline.rows[0].key") == key
    assert tab.debug()["cursors"][str(chat.id)] == 3


def test_unknown_events_move_the_cursor_and_change_nothing(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online().show(chat.id)
    chat.rev += 1
    script.raw(bob, {"type": "reaction", "chat": str(chat.id), "rev": chat.rev, "emoji": "x"})
    script.raw(bob, {"type": "saved", "user_rev": 1})
    script.raw(bob, [{"type": "weather", "of": "tomorrow"}])
    script.emit(bob, chat.say(alice, "still here"))
    tab.wait("lines().length === 2")
    debug = tab.debug()
    assert (debug["cursors"][str(chat.id)], debug["user"], debug["resumes"]) == (3, 1, 1)
    assert not tab.faults


def test_contacts_and_presence_are_pushed(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "hello")
    tab = enter(bob).online()
    assert tab.run("seen.chats[0].writable") is True
    script.emit(bob, script.presence(alice, online=True))
    tab.wait("seen.contacts[0].presence?.online && seen.chats[0].presence?.online")
    script.emit(bob, script.contact(bob, alice, "none"))
    tab.wait("seen.contacts.length === 0 && seen.chats[0].writable === false")
    script.emit(bob, script.contact(bob, alice, "incoming"))
    tab.wait("seen.contacts[0]?.state === 'incoming'")
    assert tab.run("seen.chats[0].id") == str(chat.id)
    assert now() > chat.messages[0].at
