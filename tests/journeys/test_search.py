"""Ctrl+K finds people, chats and what was said."""

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Cast, Enter


def test_a_message_is_found_marked_and_opened_where_it_stands(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice, f"/c/{cast.chat}")
    bob = enter(cast.bob)
    alice.say("The harbour plan is ready", "Something else")
    alice.state("Something else", "sent", "delivered", "read")
    found = bob.search("harbour").get_by_role("region", name="Messages")
    expect(found.locator("mark")).to_have_text(["harbour"])
    bob.page.keyboard.press("ArrowDown")
    bob.page.keyboard.press("Enter")
    expect(bob.page).to_have_url(re.compile(f"/c/{cast.chat}/at/1$"))
    expect(bob.page.locator("search-dialog")).to_have_count(0)
    expect(bob.page.locator("li.row-target .text")).to_have_text("The harbour plan is ready")


def test_people_and_chats_are_found_by_name(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice)
    dialog = alice.search(cast.bob.username)
    dialog.get_by_role("region", name="People").get_by_role("button", name="Bob").click()
    expect(alice.page).to_have_url(re.compile(f"/c/{cast.chat}$"))
    dialog = alice.search("Bob")
    expect(dialog.get_by_role("region", name="Chats").get_by_role("link")).to_have_text(["Bob"])
    alice.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_nothing_found_says_so_and_a_stranger_finds_nothing(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.say("A secret lantern")
    alice.state("A secret lantern", "sent", "delivered", "read")
    charlie = enter(cast.charlie)
    expect(charlie.search("lantern")).to_contain_text("Nothing was found.")
    expect(alice.search("lantern from:bob")).to_contain_text("Nothing was found.")
