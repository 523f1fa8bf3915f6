"""Reactions, edits, deletions, replies, pins and mentions, as both people see them."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Talk
from tests.journeys.screen import Screen


@pytest.fixture
def both(talk: Talk) -> tuple[Screen, Screen]:
    """Alice and Bob in a chat."""
    return talk.alice, talk.bob


def test_reactions_are_counted_and_removed(both):
    alice, bob = both
    alice.say("Pier three")
    bob.choose("Pier three", "React with 👍")
    alice.pills("👍 1")
    alice.page.locator("[data-emoji]").click()
    for one in both:
        one.pills("👍 2")
        expect(one.page.locator("[data-emoji]")).to_have_attribute("aria-pressed", "true")
    bob.page.locator("[data-emoji]").click()
    alice.pills("👍 1")
    expect(bob.page.locator("[data-emoji]")).to_have_attribute("aria-pressed", "false")
    expect(bob.page.locator("[data-emoji]")).to_have_accessible_name("👍 1: Alice")


def test_the_picker_finds_an_emoji_for_a_reaction(both):
    alice, bob = both
    alice.say("Dinner?")
    bob.act("Dinner?", "React")
    bob.page.get_by_role("searchbox", name="Find an emoji").fill("taco")
    bob.page.get_by_role("button", name="taco", exact=True).click()
    alice.pills("🌮 1")


def test_an_edit_is_shown_to_all_with_its_history(
    both,
):
    alice, bob = both
    alice.say("At sixx")
    alice.state("At sixx", "sent", "delivered", "read")
    alice.composer.press("ArrowUp")
    expect(alice.composer).to_have_value("At sixx")
    alice.composer.fill("At six")
    alice.composer.press("Enter")
    bob.shows("At six")
    expect(alice.composer).to_have_value("")
    bob.page.get_by_role("button", name="edited").click()
    expect(bob.page.locator("former-texts .text")).to_have_text(["At sixx"])


def test_escape_cancels_an_edit_and_restores_the_draft(both):
    alice, _ = both
    alice.say("One")
    alice.state("One", "sent", "delivered", "read")
    alice.composer.fill("Half a thought")
    tint = "(row) => getComputedStyle(row.querySelector('.row-body')).backgroundColor"
    plain = alice.row("One").evaluate(tint)
    alice.choose("One", "Edit")
    expect(alice.composer).to_have_value("One")
    assert alice.row("One").evaluate(tint) != plain
    alice.composer.fill("Two")
    alice.composer.press("Escape")
    expect(alice.page.get_by_text("Your changes are not saved.")).to_be_visible()
    expect(alice.composer).to_have_value("Two")
    alice.composer.press("Escape")
    expect(alice.composer).to_have_value("Half a thought")
    assert alice.row("One").evaluate(tint) == plain
    expect(alice.composer).to_have_value("Half a thought")
    alice.shows("One")


def test_a_deleted_message_leaves_a_placeholder(both):
    alice, bob = both
    alice.say("Stays", "Goes")
    alice.choose("Goes", "Delete")
    alice.menu.get_by_role("button", name="Keep it").click()
    bob.shows("Stays", "Goes")
    bob.act("Goes", "Reply")
    quote = bob.page.locator(".composer-quote")
    expect(quote).to_contain_text("Goes")
    alice.choose("Goes", "Delete")
    alice.menu.get_by_role("button", name="Delete", exact=True).click()
    for one in both:
        one.shows("Stays", "This message was deleted.")
    # Nor is its text in what another one begins to reply.
    expect(quote).to_contain_text("This message was deleted.")
    bob.composer.press("Escape")
    act_on = bob.row("Stays")
    act_on.hover()
    act_on.get_by_role("button", name="More").click()
    expect(bob.menu.get_by_role("button", name="Reply")).to_be_visible()
    expect(bob.menu.get_by_role("button", name="Delete")).to_have_count(0)


def test_a_reply_quotes_and_joins_the_thread(both):
    alice, bob = both
    alice.say("Who has the key?", "And the lamp?")
    bob.act("Who has the key?", "Reply")
    expect(bob.page.locator(".composer-quote")).to_contain_text("Who has the key?")
    expect(bob.composer).to_be_focused()
    bob.say("I do")
    expect(bob.page.locator(".composer-quote")).to_have_count(0)
    expect(alice.row("I do").locator(".quote")).to_have_text("You Who has the key?")
    alice.row("Who has the key?").get_by_role("button", name="1 reply, last").click()
    thread = alice.thread.texts
    expect(thread).to_have_text(["Who has the key?", "I do"])
    bob.act("I do", "Reply")
    bob.say("Here it is")
    expect(thread).to_have_text(["Who has the key?", "I do", "Here it is"])
    expect(alice.row("Who has the key?").locator(".row-thread")).to_contain_text("2 replies")
    bob.choose("I do", "Delete")
    bob.menu.get_by_role("button", name="Delete", exact=True).click()
    expect(alice.row("Who has the key?").locator(".row-thread")).to_contain_text("1 reply,")
    alice.row("Here it is").locator(".quote").click()
    expect(alice.page).to_have_url(re.compile(r"/at/\d+$"))


def test_replies_are_written_in_the_thread(both):
    alice, bob = both
    bob.say("Shall we sail at nine?")
    alice.composer.fill("A draft of the chat")
    alice.choose("Shall we sail at nine?", "Open the thread")
    field = alice.page.locator("chat-thread textarea")
    expect(field).to_be_focused()
    alice.page.keyboard.type("At ten")
    # Closing the panel loses nothing, and nothing of it is in the chat's own field.
    alice.page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(alice.composer).to_have_value("A draft of the chat")
    alice.choose("Shall we sail at nine?", "Open the thread")
    expect(field).to_have_value("At ten")
    field.press("Enter")
    expect(field).to_have_value("")
    bob.shows("Shall we sail at nine?", "At ten")
    expect(bob.row("At ten").locator(".quote")).to_have_text("You Shall we sail at nine?")
    alice.thread.act("At ten", "Reply")
    expect(alice.page.locator("chat-thread .composer-quote")).to_contain_text("At ten")
    expect(alice.page.locator(".foot .composer-quote")).to_have_count(0)
    alice.page.keyboard.type("Or eleven")
    alice.page.keyboard.press("Enter")
    expect(bob.row("Or eleven").locator(".quote")).to_contain_text("At ten")
    expect(bob.row("Shall we sail at nine?").locator(".row-thread")).to_contain_text("2 replies")
    expect(alice.composer).to_have_value("A draft of the chat")


def test_pins_are_shared_and_saved_messages_are_private(both):
    alice, bob = both
    alice.say("The code is 4711")
    alice.choose("The code is 4711", "Pin for everyone")
    expect(bob.row("The code is 4711")).to_have_count(1)
    expect(bob.page.locator(".row-label")).to_have_text("pinned")
    line = bob.page.locator("pins-line")
    expect(line).to_contain_text("The code is 4711")
    alice.say("The key is **red**")
    alice.choose("The key is red", "Pin for everyone")
    line.get_by_role("link", name="Pinned message The key is red").click()
    expect(bob.page).to_have_url(re.compile(r"/at/\d+$"))
    line.get_by_role("button", name="2 pinned messages").click()
    expect(bob.page.locator("chat-pins .text")).to_have_count(2)
    alice.choose("The key is red", "Unpin for everyone")
    expect(line.get_by_role("button")).to_have_count(0)
    bob.page.locator(".panel").get_by_role("button", name="Close").click()
    bob.mark("Pinned messages")
    expect(bob.page.locator("chat-pins .text")).to_have_text(["The code is 4711"])
    bob.choose("The code is 4711", "Save")
    expect(bob.page.locator("li.row .row-label")).to_have_text(["pinned", "saved"])
    expect(alice.page.locator("li.row .row-label")).to_have_text(["pinned"])
    bob.page.get_by_role("button", name="Settings").click()
    bob.page.get_by_role("button", name="Saved messages").click()
    expect(bob.page.locator("saved-messages .text")).to_have_text(["The code is 4711"])


def test_a_mention_is_completed_and_highlighted_for_the_mentioned(talk):
    alice, bob, _, cast = talk
    alice.composer.press_sequentially("Look, @bo")
    option = alice.page.get_by_role("option", name="Bob")
    expect(option).to_have_attribute("aria-selected", "true")
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value(f"Look, @{cast.bob.username} ")
    alice.composer.press_sequentially(":taco")
    expect(alice.page.get_by_role("option").first).to_contain_text("🌮")
    alice.composer.press("Tab")
    alice.composer.press("Enter")
    bob.shows("Look, @Bob 🌮")
    expect(bob.page.locator(".mention-me")).to_have_text("@Bob")
    expect(alice.page.locator("li.row .mention")).not_to_have_class(re.compile("mention-me"))


def test_a_reaction_by_keyboard(both):
    alice, bob = both
    alice.say("Up or down?")
    bob.shows("Up or down?")
    row = bob.row("Up or down?")
    row.focus()
    bob.page.keyboard.press("Enter")
    expect(bob.menu.get_by_role("button").first).to_be_focused()
    bob.page.keyboard.press("Enter")
    alice.pills("👍 1")
    expect(row).to_be_focused()


def test_a_long_press_opens_the_menu(enter, cast):
    alice = enter(
        cast.alice,
        f"/c/{cast.chat}",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    # On a touch screen Enter starts a new line.
    alice.composer.fill("By touch")
    alice.page.get_by_role("button", name="Send", exact=True).tap()
    alice.state("By touch", "sent", "delivered", "read")
    box = alice.row("By touch").bounding_box()
    assert box
    touch = alice.page.context.new_cdp_session(alice.page)
    at = {"x": box["x"] + 60, "y": box["y"] + 12}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    reply = alice.menu.get_by_role("button", name="Reply")
    expect(reply).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(reply).to_be_visible()
    size = reply.bounding_box()
    assert size
    # Lifting the finger over the menu chooses nothing.
    expect(alice.page.locator(".composer-quote")).to_have_count(0)
    assert size["height"] >= 44
