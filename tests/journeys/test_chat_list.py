"""The list of chats: mentions, menus, filters, swipes and keys."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.sync_api import Locator, expect

from apps.accounts.models import User
from apps.chats.actions import edits, groups
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.models import Member, Message
from apps.chats.queries import chat_list
from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from tests.journeys.screen import Screen
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import in_touch, person

HOUR_S = 3600
# A finger that moves over a row, in steps, as the browser reports it.
SWIPE = """async (row, by) => {
  const { left, top, width, height } = row.getBoundingClientRect();
  const y = top + height / 2, x = left + width / 2;
  const fire = (type, dx) => row.querySelector('a').dispatchEvent(new PointerEvent(type, {
    bubbles: true, cancelable: true, pointerType: 'touch', isPrimary: true, pointerId: 7,
    clientX: x + dx, clientY: y }));
  fire('pointerdown', 0);
  for (let step = 1; step <= 4; step++) fire('pointermove', (by * step) / 4);
  const swipe = row.dataset.swipe;
  fire('pointerup', by);
  return swipe;
}"""


def away(screen: Screen) -> Screen:
    """Leave the open chat."""
    screen.page.get_by_role("link", name="Parley", exact=True).click()
    expect(screen.composer).to_have_count(0)
    return screen


def add_two(alice: User, chat: UUID) -> None:
    """Two more contacts of Alice's join."""
    more = [person(f"{name.lower()}-{chat.hex[-8:]}", name=name) for name in ("Ilse", "Tomás")]
    for one in more:
        in_touch(alice, one)
    groups.add_members(alice.id, chat, [one.id for one in more])


def all_read(screen: Screen) -> None:
    """Mark as read what other tests left."""
    screen.page.keyboard.press("Shift+Escape")
    screen.page.get_by_role("button", name="Mark all as read", exact=True).click()
    expect(screen.list.locator("[data-unread]")).to_have_count(0)


def at_sign(screen: Screen, chat: object) -> Locator:
    """The sign at a chat that an unread message mentions the reader."""
    return screen.chat(chat).locator(".badge-mention")


def unread(screen: Screen, chat: object) -> Locator:
    """The number of unread messages at a chat."""
    return screen.chat(chat).locator("[data-unread]")


def test_a_mention_shows_in_a_muted_chat_and_goes_with_its_message(talk):
    alice, bob, chat, cast = talk
    away(bob)
    database(set_chat_settings, cast.bob.id, chat, ChatSettings(muted=True))
    alice.say("good morning")
    expect(unread(bob, chat)).to_have_attribute("data-unread", "1")
    expect(at_sign(bob, chat)).to_have_count(0)
    expect(bob.page).to_have_title("Parley")
    alice.say(f"@{cast.bob.username} look")
    expect(at_sign(bob, chat)).to_be_visible()
    expect(at_sign(bob, chat)).to_contain_text("you are mentioned")
    expect(bob.page).to_have_title("(1) Parley")
    grey, accent = (
        one.evaluate("(badge) => getComputedStyle(badge).backgroundColor")
        for one in (unread(bob, chat), at_sign(bob, chat))
    )
    assert grey != accent
    newest = database(Message.objects.filter(chat_id=chat).latest, "seq").seq
    database(edits.delete_message, cast.alice.id, chat, seq=newest)
    expect(at_sign(bob, chat)).to_have_count(0)
    expect(unread(bob, chat)).to_have_attribute("data-unread", "1")
    expect(bob.page).to_have_title("Parley")


def test_a_keyword_shows_in_a_muted_chat_as_a_mention(talk):
    alice, bob, chat, cast = talk
    away(bob)
    database(set_chat_settings, cast.bob.id, chat, ChatSettings(muted=True))
    database(set_preferences, cast.bob.id, PreferencesUpdate(keywords=["harbour", "開発"]))
    expect(bob.chat(chat)).to_contain_class("chat-quiet")
    alice.say("harbours")
    expect(unread(bob, chat)).to_have_attribute("data-unread", "1")
    expect(at_sign(bob, chat)).to_have_count(0)
    alice.say("The Harbour!")
    expect(at_sign(bob, chat)).to_be_visible()
    expect(bob.page).to_have_title("(1) Parley")
    # A device that holds nothing yet.
    assert database(chat_list.by_ids, cast.bob.id, [chat])[0].mentioned == [
        database(Message.objects.get, chat_id=chat, text="The Harbour!").seq
    ]
    bob.open(chat)
    expect(at_sign(bob, chat)).to_have_count(0)
    # No other member sees whose word it is.
    expect(alice.page.locator(".mention-me")).to_have_count(0)


def test_what_nobody_wrote_is_not_unread_and_members_are_one_line(talk):
    alice, bob, chat, cast = talk
    away(bob)
    database(groups.rename_group, cast.alice.id, chat, "Launch crew")
    expect(bob.chat(chat)).to_contain_text("Launch crew")
    database(add_two, cast.alice, chat)
    expect(bob.chat(chat)).to_contain_text("added")
    expect(unread(bob, chat)).to_have_count(0)
    alice.say("welcome")
    expect(unread(bob, chat)).to_have_attribute("data-unread", "1")
    bob.open(chat)
    expect(bob.divider).to_have_text("1 new")
    expect(bob.page.locator("li.new + li.row .text")).to_have_text("welcome")
    expect(bob.page.locator("li.event").last).to_have_text("Alice added Ilse and Tomás")
    expect(alice.page.locator("li.event").last).to_have_text("You added Ilse and Tomás")


def test_the_menu_of_a_row_does_not_open_the_chat(talk):
    alice, bob, chat, cast = talk
    away(bob)
    alice.say("one", "two")
    expect(unread(bob, chat)).to_have_attribute("data-unread", "2")
    menu = bob.row_menu(chat)
    assert not findings(bob.page)
    menu.get_by_text("Mute", exact=True).click()
    menu.get_by_role("button", name="For 8 hours", exact=True).click()
    expect(bob.chat(chat)).to_contain_class("chat-quiet")
    until = database(Member.objects.get, chat=chat, user=cast.bob).muted_until
    assert 7 * HOUR_S < (until - datetime.now(UTC)).total_seconds() < 9 * HOUR_S
    bob.row_menu(chat).get_by_role("button", name="Pin chat", exact=True).click()
    expect(bob.list.get_by_role("heading", name="Pinned")).to_be_visible()
    expect(unread(bob, chat)).to_have_attribute("data-unread", "2")
    # By the button, which is there on hover, and by keyboard.
    bob.chat(chat).hover()
    bob.list.get_by_role("button", name="Menu of Crew").first.click()
    menu.get_by_role("button", name="Mark as read", exact=True).click()
    expect(unread(bob, chat)).to_have_count(0)
    alice.state("two", "read")
    bob.chat(chat).focus()
    bob.page.keyboard.press("Shift+F10")
    expect(menu.get_by_role("button", name="Mark as unread")).to_be_focused()
    bob.page.keyboard.press("Escape")
    expect(bob.chat(chat)).to_be_focused()
    expect(bob.composer).to_have_count(0)
    # Two items open it, with a panel.
    bob.row_menu(chat).get_by_role("button", name="Pinned messages", exact=True).click()
    expect(bob.page.get_by_role("heading", name="Pinned messages")).to_be_visible()
    expect(bob.composer).to_be_visible()
    head = bob.page.locator(".head-more")
    expect(head).to_have_text(re.compile("until .+ · 2 people, 2 here now$"))
    bob.row_menu(chat).get_by_role("button", name="Files", exact=True).click()
    expect(bob.page.get_by_role("heading", name="Files")).to_be_visible()


def test_filters_stay_and_all_is_marked_as_read(talk):
    alice, bob, chat, cast = talk
    quiet = database(groups.create_group, cast.alice.id, "Quiet", [cast.bob.id])
    away(bob)
    expect(bob.chat(quiet)).to_be_visible()
    all_read(bob)
    choose = bob.list.get_by_role("group", name="Which chats").get_by_role
    alice.say("@all news")
    expect(at_sign(bob, chat)).to_be_visible()
    choose("button", name="Mentions").click()
    expect(bob.chat(quiet)).to_have_count(0)
    expect(bob.chat(chat)).to_be_visible()
    choose("button", name="Unread").click()
    expect(bob.chat(quiet)).to_have_count(0)
    bob.open(chat)
    expect(unread(bob, chat)).to_have_count(0)
    away(bob)
    expect(bob.list.get_by_text("Nothing is unread.")).to_be_visible()
    expect(choose("button", name="Unread")).to_have_attribute("aria-pressed", "true")
    choose("button", name="All", exact=True).click()
    alice.say("more")
    alice.open(quiet).say("and here")
    for one in (chat, quiet):
        expect(unread(bob, one)).to_have_attribute("data-unread", "1")
    # The key asks first.
    bob.page.keyboard.press("Shift+Escape")
    dialog = bob.page.get_by_role("dialog", name="Mark all chats as read")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert not findings(bob.page)
    bob.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(unread(bob, chat)).to_have_attribute("data-unread", "1")
    all_read(bob)
    alice.state("and here", "read")


def test_keys_lead_through_chats_and_mark_them_as_read(talk):
    alice, bob, chat, cast = talk
    first = database(groups.create_group, cast.alice.id, "First", [cast.bob.id])
    expect(bob.chat(first)).to_be_visible()
    heading = bob.page.get_by_role("heading", level=1)
    press = bob.page.keyboard.press
    all_read(bob)
    bob.say("mine")
    bob.composer.focus()
    # The chats of other tests are below.
    press("Alt+ArrowDown")
    expect(heading).to_have_text("First")
    expect(bob.page.locator("chat-composer .composer-quote")).to_have_count(0)
    press("Alt+ArrowUp")
    expect(heading).to_have_text("Crew")
    press("Alt+ArrowUp")
    expect(heading).to_have_text("Crew")
    press("Control+ArrowUp")
    expect(bob.page.locator("chat-composer .composer-quote")).to_have_count(0)
    alice.open(first).say("for you")
    expect(unread(bob, first)).to_have_attribute("data-unread", "1")
    press("Alt+Shift+ArrowDown")
    expect(heading).to_have_text("First")
    expect(unread(bob, first)).to_have_count(0)
    # One tab stop; the arrow keys walk.
    bob.chat(first).focus()
    press("ArrowDown")
    expect(bob.chat(chat)).to_be_focused()
    press("Home")
    expect(bob.list.locator("a").first).to_be_focused()
    stops = bob.list.locator("a[tabindex='0']")
    expect(stops).to_have_count(1)
    press("?")
    dialog = bob.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Mark all chats as read")
    assert not findings(bob.page)
    press("Escape")
    expect(dialog).to_have_count(0)
    # What is typed beside the field goes into it, but not from the list.
    bob.chat(first).focus()
    bob.page.keyboard.type("abc")
    bob.rows.last.focus()
    bob.page.keyboard.type("So it ")
    expect(bob.composer).to_have_value("So it ")
    bob.composer.blur()
    bob.page.keyboard.type("go")
    bob.page.locator(".head-more").click()
    bob.page.keyboard.type("es?")
    expect(bob.composer).to_have_value("So it goes?")


def test_escape_marks_the_open_chat_as_read_and_goes_to_the_newest(talk):
    alice, bob, chat, _ = talk
    for n in range(3):
        alice.say(f"{n}\n" + "line\n" * 29)
    expect(bob.rows).to_have_count(3)
    bob.timeline.hover()
    bob.page.mouse.wheel(0, -3000)
    pill = bob.page.locator(".pill")
    expect(pill).to_be_visible()
    alice.say("the end")
    expect(pill).to_contain_text("unread")
    box, stage = pill.bounding_box(), bob.timeline.bounding_box()
    assert box["y"] >= stage["y"] + stage["height"], "the pill covers messages"
    bob.composer.focus()
    bob.page.keyboard.press("Escape")
    expect(bob.row("the end")).to_be_in_viewport()
    expect(pill).to_have_count(0)
    expect(unread(bob, chat)).to_have_count(0)
    alice.state("the end", "read")


@pytest.mark.parametrize("by", [100, -100])
def test_a_swipe_mutes_or_archives_and_can_be_undone(talk, by):
    _, bob, chat, _ = talk
    away(bob)
    bob.chat(chat).hover()
    expect(bob.page.locator("chat-list-menu .menu")).to_be_attached()
    row = bob.list.locator(f"[data-row='{chat}']")
    # Not far enough: nothing happens.
    row.evaluate(SWIPE, by / 2)
    assert row.evaluate(SWIPE, by) == ("start" if by > 0 else "end")
    if by > 0:
        expect(bob.chat(chat)).to_contain_class("chat-quiet")
        expect(bob.list.get_by_role("status")).to_contain_text("Crew is muted.")
        bob.list.get_by_role("button", name="Undo").click()
        expect(bob.chat(chat)).not_to_contain_class("chat-quiet")
    else:
        expect(bob.chat(chat)).to_be_hidden()
        expect(bob.list.get_by_role("status")).to_contain_text("Crew is in the archive.")
        bob.list.get_by_role("button", name="Undo").click()
        expect(bob.chat(chat)).to_be_visible()
    expect(bob.composer).to_have_count(0)
