"""Drafts on several devices: what is newer wins, and nothing that was typed is lost."""

from apps.wire import bodies, commands
from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import Room, ScriptedServer


def chat_of_two(script: ScriptedServer) -> tuple[Room, bodies.Person]:
    """A chat, and Bob of it."""
    alice, bob = script.person("Alice"), script.person("Bob")
    return script.room(bob, alice, "hello"), bob


def test_a_draft_appears_on_the_other_device_and_goes_when_it_is_sent(
    enter: Enter, script: ScriptedServer
) -> None:
    room, bob = chat_of_two(script)
    one, other = enter(bob).online(), enter(bob).online()
    for text in ("h", "ha", "half a thought"):
        one.run("client.saveDraft(given.chat, given.text)", {"chat": str(room.id), "text": text})
    other.wait("seen.chats[0].draft === 'half a thought'")
    assert [draft.text for draft in script.asked(commands.SaveDraft)] == ["half a thought"]
    one.say(room.id, "half a thought, and the other")
    other.wait("seen.chats[0].draft === ''")
    assert one.run("seen.chats[0].draft") == ""


def test_what_a_draft_answers_is_found_on_the_other_device(
    enter: Enter, script: ScriptedServer
) -> None:
    room, bob = chat_of_two(script)
    one, other = enter(bob).online().show(room.id), enter(bob).online()
    one.run(
        """(({ quoteOf }) => client.saveDraft(given, 'well', quoteOf(timeline.rows[0])))(
          await import('/static/r1/realtime/both/quotes.js'))""",
        str(room.id),
    )
    other.wait("seen.chats[0].reply?.text === 'hello'")
    assert other.run("seen.chats[0].draft") == "well"


def test_a_local_draft_that_the_server_does_not_have_is_newer(
    enter: Enter, script: ScriptedServer
) -> None:
    room, bob = chat_of_two(script)
    tab = enter(bob).online()
    script.emit(bob, script.draft(room, bob, "from the phone"))
    tab.wait("seen.chats[0].draft === 'from the phone'")
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.run("client.saveDraft(given, 'typed on the train')", str(room.id))
    script.draft(room, bob, "older words")
    tab.page.close()
    script.down = False
    tab = enter(bob, tab.page.context).online()
    script.wait_for(lambda: script.drafts[bob.id, room.id].text == "typed on the train")
    assert tab.run("(await client.draft(given)).text", str(room.id)) == "typed on the train"
    script.emit(bob, script.draft(room, bob, "and now from the phone"))
    tab.wait("seen.chats[0].draft === 'and now from the phone'")


def test_emptying_a_draft_offline_empties_it_everywhere(
    enter: Enter, script: ScriptedServer
) -> None:
    room, bob = chat_of_two(script)
    script.draft(room, bob, "from the phone")
    tab = enter(bob).online()
    tab.wait("seen.chats[0].draft === 'from the phone'")
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.run("client.saveDraft(given, '')", str(room.id))
    tab.page.close()
    script.down = False
    tab = enter(bob, tab.page.context).online()
    script.wait_for(lambda: script.drafts[bob.id, room.id].text == "")
    assert tab.run("seen.chats[0].draft") == ""
