"""Single messages: reactions, edits, deletion, saving and replies."""

from apps.wire import bodies, commands, events
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import ScriptedChat, ScriptedServer
from tests.realtime_client.tab import Tab

REACTIONS = """timeline.rows[0].reactions
  .map(({ emoji, count, mine }) => `${emoji}${count}${mine ? '!' : ''}`).join(' ')"""


def opened(enter: Enter, script: ScriptedServer, *texts: str) -> tuple[Tab, ScriptedChat]:
    """Bob's tab on a chat in which Alice has sent a message."""
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *texts)
    return enter(bob).online().show(chat.id), chat


def alice_and_bob(chat: ScriptedChat) -> tuple[bodies.Person, bodies.Person]:
    """The two people of a direct chat."""
    bob, alice = chat.people
    return alice, bob


def test_a_reaction_shows_at_once_and_stays_when_it_is_committed(enter, script):
    tab, chat = opened(enter, script, "hello")
    alice, bob = alice_and_bob(chat)
    script.emit(bob, chat.react(1, alice.id, "👍", on=True))
    tab.wait(f"{REACTIONS} === '👍1'")
    script.holding = True
    tab.run("void client.react(given, 1, '👍')", str(chat.id))
    tab.wait(f"{REACTIONS} === '👍2!'")
    tab.run("void client.react(given, 1, '🎉')", str(chat.id))
    tab.wait(f"{REACTIONS} === '👍2! 🎉1!'")
    script.wait_for(lambda: len(script.asked(commands.React)) == 2)
    script.release_held()
    script.wait_for(lambda: chat.rev == 4)
    script.emit(bob, chat.react(1, alice.id, "🎉", on=True))
    tab.wait(f"{REACTIONS} === '👍2! 🎉2!'")
    tab.run("client.unreact(given, 1, '👍')", str(chat.id))
    tab.wait(f"{REACTIONS} === '👍1 🎉2!'")
    assert [len(one.people) for one in chat.messages[0].reactions] == [1, 2]


def test_a_refused_reaction_is_removed(enter, script):
    tab, chat = opened(enter, script, "hello")
    script.holding = True
    tab.run("void (window.answer = client.react(given, 1, '👍').catch((e) => e))", str(chat.id))
    tab.wait(f"{REACTIONS} === '👍1!'")
    script.wait_for(lambda: len(script.asked(commands.React)) == 1)
    command = script.asked(commands.React)[0]
    script.emit(chat.people[0], events.Error(ref=command.ref, code="not_possible", detail="Full."))
    tab.wait(f"{REACTIONS} === ''")
    assert tab.run("(await answer).code") == "not_possible"


def test_a_newer_reaction_is_not_removed_by_the_refusal_of_an_older_one(enter, script):
    tab, chat = opened(enter, script, "hello")
    alice, bob = alice_and_bob(chat)
    script.emit(bob, chat.react(1, bob.id, "👍", on=True))
    tab.wait(f"{REACTIONS} === '👍1!'")
    script.holding = True
    tab.run("void client.unreact(given, 1, '👍').catch(() => {})", str(chat.id))
    tab.wait(f"{REACTIONS} === ''")
    tab.run("void client.react(given, 1, '👍')", str(chat.id))
    tab.wait(f"{REACTIONS} === '👍1!'")
    script.wait_for(lambda: len(script.asked(commands.React)) == 1)
    older = script.asked(commands.Unreact)[0]
    script.emit(bob, events.Error(ref=older.ref, code="unavailable", detail=""))
    script.emit(bob, chat.say(alice, "next"))
    tab.wait("lines().length === 2")
    assert tab.run(REACTIONS) == "👍1!"


def test_an_edit_reaches_rows_in_the_range_and_cached_ones_outside(enter, script):
    tab, chat = opened(enter, script, *(f"line {n}" for n in range(1, 301)))
    _alice, bob = alice_and_bob(chat)
    tab.run("timeline.jump(1)")
    tab.wait("timeline.rows[0].seq === 1")
    tab.run("timeline.jump('end')")
    tab.wait("timeline.state.atEnd && timeline.rows[0].seq > 1")
    script.emit(bob, chat.change(300, "the last line"), chat.change(1, "the first line"))
    script.emit(bob, chat.change(150, "", deleted=True))
    tab.wait("lines().at(-1) === 'the last line' && timeline.rows.at(-1).edited_at !== null")
    assert tab.run("timeline.rows.length") < 150
    tab.run("timeline.jump(1)")
    tab.wait("lines()[0] === 'the first line'")
    tab.run("timeline.jump(150)")
    tab.wait("timeline.rows.some(({ seq, deleted, text }) => seq === 150 && deleted && !text)")


def test_deleted_text_is_deleted_from_replies_that_quote_it(enter, script):
    tab, chat = opened(enter, script, "my address is ...")
    alice, bob = alice_and_bob(chat)
    script.emit(bob, chat.say(alice, "as I said", reply_to=1))
    tab.wait("timeline.rows[1]?.quote.text === 'my address is ...'")
    script.emit(bob, chat.change(1, "", deleted=True))
    tab.wait("timeline.rows[1].quote.deleted && timeline.rows[1].quote.text === ''")
    tab.page.close()
    tab = enter(bob, tab.page.context).online().show(chat.id)
    assert tab.run("timeline.rows[1].quote") == {
        "seq": 1,
        "sender": str(alice.id),
        "text": "",
        "deleted": True,
    }


def test_a_deleted_reply_stays_deleted_when_the_quoted_message_changes_too(enter, script):
    tab, chat = opened(enter, script, "shall we?")
    alice, bob = alice_and_bob(chat)
    script.emit(bob, chat.say(alice, "a secret", reply_to=1))
    tab.wait("lines().length === 2")
    changed = chat.change(1, "shall we, then?")
    script.emit(bob, changed, chat.change(2, text="", deleted=True))
    tab.wait("timeline.rows[1].deleted")
    tab.show(chat.id)  # from what is stored
    assert tab.run("lines()") == ["shall we, then?", ""]
    assert tab.run("timeline.rows[1].deleted")


def test_a_reply_written_offline_keeps_its_quote_and_reply_to(enter, script):
    tab, chat = opened(enter, script, "shall we?")
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.run(
        """(({ quoteOf }) => client.send(given, 'yes', quoteOf(timeline.rows[0])))(
          await import('/static/r1/realtime/both/quotes.js'))""",
        str(chat.id),
    )
    tab.wait("timeline.state.pending[0]?.quote.text === 'shall we?'")
    tab.page.close()
    tab = enter(chat.people[0], tab.page.context).show(chat.id)
    tab.wait("timeline.state.pending[0]?.reply_to === 1")
    script.down = False
    tab.run("client.reconnect()")
    tab.wait("timeline.state.rows.length === 2 && timeline.state.pending.length === 0")
    assert [one.reply_to for one in script.sends()] == [1]
    assert tab.run("timeline.rows[1].quote.text") == "shall we?"


def test_a_saved_message_is_marked_on_every_device(enter, script):
    tab, chat = opened(enter, script, "worth keeping")
    other = enter(chat.people[0]).online().show(chat.id)
    tab.run("client.command({ type: 'save', chat: given, seq: 1 })", str(chat.id))
    other.wait("timeline.rows[0].saved")
    tab.wait("timeline.rows[0].saved")
    tab.page.close()
    tab = enter(chat.people[0], tab.page.context).show(chat.id)
    assert tab.run("timeline.rows[0].saved") is True
    unsave = "client.command({ type: 'unsave', chat: given, seq: 1 })"
    tab.online().run(unsave, str(chat.id))
    other.wait("!timeline.rows[0].saved")


def test_mentions_of_the_reader_are_marked(enter, script):
    tab, chat = opened(enter, script)
    alice, bob = alice_and_bob(chat)
    script.emit(
        bob,
        chat.say(alice, "@bob", mentions=[bob.id]),
        chat.say(alice, "@all", mentions_all=True),
        chat.say(alice, "@alice", mentions=[alice.id]),
    )
    tab.wait("lines().length === 3")
    assert tab.run("timeline.rows.map((row) => row.mentions_me)") == [True, True, False]


def test_typing_is_sent_and_shown_until_the_message(enter, script):
    tab, chat = opened(enter, script)
    alice, bob = alice_and_bob(chat)
    script.emit(bob, events.TypingNow(chat=chat.id, person=alice.id))
    tab.wait("seen.chats[0].typing[0]?.name === 'Alice'")
    assert tab.run("timeline.state.chat.typing.length") == 1
    script.emit(bob, chat.say(alice, "there"))
    tab.wait("lines().length === 1 && seen.chats[0].typing.length === 0")
    tab.run("Promise.all([client.typing(given), client.typing(given)])", str(chat.id))
    tab.run("client.command({ type: 'chat.marks', chat: given, muted: true })", str(chat.id))
    script.wait_for(lambda: bool(script.asked(commands.ChatMarks)))
    assert len(script.asked(commands.Typing)) == 1


def test_a_page_from_before_a_deletion_brings_nothing_back(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, *(f"line {number}" for number in range(1, 201)))
    tab = enter(bob).online().show(chat.id)
    script.before_page_leaves = lambda: script.emit(bob, chat.delete_before(141))
    tab.run("timeline.loadBefore()")
    tab.wait("timeline.state.chat?.kept_from === 141")
    tab.run("timeline.loadBefore()")
    assert tab.run("timeline.rows[0].seq") == 141
    stored = tab.run("stored().then(({ messages }) => messages.map(({ seq }) => seq))")
    assert min(stored) == 141
