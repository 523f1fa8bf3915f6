"""Presence and typing indicators, and who may see them."""

import re

from playwright.sync_api import expect

from tests.journeys.groups import make_group
from tests.journeys.screen import Screen

AWAY = 301_000


def head(screen: Screen, words: str) -> None:
    """Wait until this text is shown under the name of the open chat."""
    expect(screen.page.locator(".head-more")).to_contain_text(words)


def test_presence_follows_all_devices_and_shows_last_seen(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    bob, phone = enter(cast.bob), enter(cast.bob)
    head(alice, "here now")
    expect(alice.chat(cast.chat).locator(".dot")).to_be_visible()
    bob.page.context.close()
    # Bob is still online with the phone.
    phone.open(cast.chat).say("From the phone")
    alice.shows("From the phone")
    head(alice, "here now")
    phone.page.context.close()
    head(alice, "seen ")
    expect(alice.chat(cast.chat).locator(".dot")).to_have_count(0)
    enter(cast.bob)
    head(alice, "here now")


def test_an_idle_person_is_away_until_they_return(enter, cast):
    alice, bob = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.bob, alone=True)
    head(alice, "here now")
    bob.page.clock.fast_forward(AWAY)
    head(alice, "away")
    expect(alice.chat(cast.chat).locator(".dot-away")).to_be_visible()
    bob.page.mouse.move(100, 100)
    head(alice, "here now")
    expect(alice.chat(cast.chat).locator(".dot-away")).to_have_count(0)


def test_strangers_see_neither_presence_nor_typing(enter, talk, cast):
    alice, bob, _, people = talk
    charlie = enter(cast.charlie, "/people")
    bob.composer.press_sequentially("Almost")
    expect(alice.page.locator(".typing")).to_have_text("Bob is typing…")
    found = charlie.find(people.bob.username)
    expect(found).to_be_visible()
    expect(found).not_to_contain_text("here now")
    expect(found.locator(".dot")).to_have_count(0)
    expect(charlie.list).to_contain_text("No chats yet.")


def test_typing_is_shown_in_chat_and_list_until_the_message_is_sent(talk):
    alice, bob, chat, _ = talk
    bob.composer.press_sequentially("Almost")
    expect(alice.page.locator(".typing")).to_have_text("Bob is typing…")
    expect(alice.chat(chat).locator(".chat-last")).to_have_text("Bob is typing…")
    bob.composer.press("Enter")
    expect(alice.page.locator(".typing")).to_have_text("")
    alice.shows("Almost")


def test_typing_indicators_expire(company):
    crew = company.cast
    alice, bob, charlie = company.screens("alice", "bob", "charlie")
    chat = make_group(alice, crew.bob, crew.charlie)
    for one in (bob, charlie):
        one.open(chat).composer.press_sequentially("Hm")
    both = re.compile("^(Bob and Charlie|Charlie and Bob) are typing…$")
    expect(alice.page.locator(".typing")).to_have_text(both)
    expect(alice.page.locator(".typing")).to_have_text("")
    for one in (bob, charlie):
        expect(one.composer).to_have_value("Hm")
