"""What a tab without the focus does. These tests need the whole Chromium, at twice the cost."""

import pytest
from playwright.sync_api import Browser


@pytest.fixture
def chromium(whole_chromium: Browser) -> Browser:
    """A tab that can lose the focus."""
    return whole_chromium


def test_the_divider_marks_unseen_messages_until_they_are_read_elsewhere(enter, script):
    alice, bob = script.person("Alice"), script.person("Bob")
    chat = script.direct_chat(bob, alice, "one")
    chat.read[bob.id] = 1
    tab = enter(bob).online().show(chat.id, "unread")
    assert tab.run("timeline.state.unreadFrom") is None
    # Playwright lets every page believe that it has the focus.
    session = tab.page.context.new_cdp_session(tab.page)
    session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    enter(bob, tab.page.context).page.bring_to_front()
    tab.wait("!document.hasFocus()")
    script.emit(bob, chat.say(alice, "two"))
    script.emit(bob, chat.say(alice, "three"))
    tab.wait("timeline.state.rows.length === 3 && timeline.state.unreadFrom === 2")
    script.emit(bob, script.read(chat, bob, 3))
    tab.wait("timeline.state.unreadFrom === null && seen.chats[0].unread === 0")
