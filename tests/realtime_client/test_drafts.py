"""Drafts on several devices: the newer one wins, and no typed text is lost."""

from apps.wire import bodies, commands
from tests.realtime_client.scripted import ScriptedChat, ScriptedServer


def chat_of_two(script: ScriptedServer) -> tuple[ScriptedChat, bodies.Person]:
    """A direct chat, and Bob of it."""
    alice, bob = script.person("Alice"), script.person("Bob")
    return script.direct_chat(bob, alice, "hello"), bob


def test_a_draft_appears_on_the_other_device_until_it_is_sent(enter, script):
    chat, bob = chat_of_two(script)
    one, other = enter(bob).online(), enter(bob).online()
    for text in ("h", "ha", "half a thought"):
        one.run("client.saveDraft(given.chat, given.text)", {"chat": str(chat.id), "text": text})
    other.wait("seen.chats[0].draft === 'half a thought'")
    assert [draft.text for draft in script.asked(commands.SaveDraft)] == ["half a thought"]
    one.say(chat.id, "half a thought, and the other")
    other.wait("seen.chats[0].draft === ''")
    assert one.run("seen.chats[0].draft") == ""


def test_the_other_device_shows_what_a_draft_replies_to(enter, script):
    chat, bob = chat_of_two(script)
    one, other = enter(bob).online().show(chat.id), enter(bob).online()
    one.run(
        """(({ quoteOf }) => client.saveDraft(given, 'well', quoteOf(timeline.rows[0])))(
          await import('/static/r1/realtime/both/quotes.js'))""",
        str(chat.id),
    )
    other.wait("seen.chats[0].reply?.text === 'hello'")
    assert other.run("seen.chats[0].draft") == "well"


def test_a_draft_that_the_server_does_not_have_is_newer(enter, script):
    chat, bob = chat_of_two(script)
    tab = enter(bob).online()
    script.emit(bob, script.draft(chat, bob, "from the phone"))
    tab.wait("seen.chats[0].draft === 'from the phone'")
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.run("client.saveDraft(given, 'typed on the train')", str(chat.id))
    script.draft(chat, bob, "older words")
    tab.page.close()
    script.down = False
    tab = enter(bob, tab.page.context).online()
    script.wait_for(lambda: script.drafts[bob.id, chat.id].text == "typed on the train")
    assert tab.run("(await client.draft(given)).text", str(chat.id)) == "typed on the train"
    script.emit(bob, script.draft(chat, bob, "and now from the phone"))
    tab.wait("seen.chats[0].draft === 'and now from the phone'")


def test_a_draft_emptied_offline_is_emptied_on_all_devices(enter, script):
    chat, bob = chat_of_two(script)
    script.draft(chat, bob, "from the phone")
    tab = enter(bob).online()
    tab.wait("seen.chats[0].draft === 'from the phone'")
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.run("client.saveDraft(given, '')", str(chat.id))
    tab.page.close()
    script.down = False
    tab = enter(bob, tab.page.context).online()
    script.wait_for(lambda: script.drafts[bob.id, chat.id].text == "")
    assert tab.run("seen.chats[0].draft") == ""
