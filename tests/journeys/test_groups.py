"""A group is made, grows, is led, and is left."""

import re

import pytest
from playwright.sync_api import expect

from apps.accounts.models import User
from tests.journeys.conftest import Cast, Enter
from tests.journeys.screen import Screen
from tests.support.live import database
from tests.support.people import in_touch

CREW = "Lighthouse crew"


@pytest.fixture
def crew(cast: Cast) -> Cast:
    """Alice knows Charlie, too."""
    database(in_touch, cast.alice, cast.charlie)
    return cast


def make_group(alice: Screen, *people: User) -> str:
    """Alice makes the group; its address."""
    page = alice.page
    page.get_by_role("button", name="New group or chat").click()
    for one in people:
        page.get_by_role("checkbox", name=one.name).check()
    page.get_by_label("Name of the group").fill(CREW)
    page.get_by_role("button", name="Make the group").click()
    expect(page.locator("#room-name")).to_have_text(CREW)
    return page.url.rsplit("/", 1)[1]


def members(screen: Screen) -> None:
    """Open the panel."""
    screen.page.get_by_role("button", name="Who is in this group").click()
    expect(screen.page.locator("li.member").first).to_be_visible()


def events(screen: Screen, *words: str) -> None:
    """Wait until exactly this is said to have happened."""
    expect(screen.page.locator("li.event")).to_have_text(list(words))


def test_a_group_is_made_and_everybody_in_it_talks(enter: Enter, crew: Cast) -> None:
    bob, charlie = enter(crew.bob), enter(crew.charlie)
    alice = enter(crew.alice)
    chat = make_group(alice, crew.bob, crew.charlie)
    for one in (bob, charlie):
        one.open(chat)
        events(one, f"Alice made the group “{CREW}”", "Alice added Bob", "Alice added Charlie")
    expect(alice.page.locator(".head-more")).to_have_text("3 people, 3 here now")
    alice.say("Who has the key?")
    bob.say("I do")
    expect(charlie.page.locator(".row-who")).to_have_text(["Alice", "Bob"])
    expect(charlie.chat(chat).locator(".chat-last")).to_have_text("Bob: I do")
    expect(alice.row("Who has the key?").locator(".row-state")).to_have_text(
        re.compile("seen by 2")
    )


def test_who_leads_adds_renames_and_removes_while_all_look_on(enter: Enter, crew: Cast) -> None:
    alice, bob, charlie = enter(crew.alice), enter(crew.bob), enter(crew.charlie)
    chat = make_group(alice, crew.bob)
    bob.open(chat)
    members(alice)
    members(bob)
    expect(bob.page.get_by_role("button", name="Rename")).to_have_count(0)
    expect(bob.page.get_by_role("button", name="Make a link")).to_have_count(0)

    alice.page.get_by_role("button", name="Add people").click()
    dialog = alice.page.locator("add-people")
    expect(dialog.get_by_role("checkbox", name="Bob")).to_have_count(0)
    dialog.get_by_role("checkbox", name="Charlie").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(bob.page.locator("li.member", has_text="Charlie")).to_be_visible()
    charlie.open(chat)

    alice.page.get_by_role("button", name="More about Bob").click()
    alice.page.get_by_role("button", name="Make admin").click()
    expect(bob.page.get_by_role("button", name="Rename")).to_be_visible()
    bob.page.get_by_role("button", name="Rename").click()
    bob.page.get_by_label("Name of the group").fill("Harbour crew")
    bob.page.get_by_role("button", name="Save").click()
    for one in (alice, charlie):
        expect(one.page.locator("#room-name")).to_have_text("Harbour crew")

    bob.page.get_by_role("button", name="More about Charlie").click()
    bob.page.get_by_role("button", name="Remove", exact=True).click()
    expect(charlie.chat(chat)).to_have_count(0)
    expect(charlie.composer).to_be_hidden()
    expect(alice.page.locator("li.event").last).to_have_text("Bob removed Charlie")


def test_who_leaves_has_the_chat_no_more(enter: Enter, crew: Cast) -> None:
    alice, bob = enter(crew.alice), enter(crew.bob)
    chat = make_group(alice, crew.bob)
    bob.open(chat)
    members(bob)
    bob.page.get_by_role("button", name="Leave").click()
    bob.page.locator(".panel-doing").get_by_role("button", name="Leave").click()
    expect(bob.chat(chat)).to_have_count(0)
    expect(alice.page.locator("li.event").last).to_have_text("Bob left")


def test_a_link_leads_into_the_group_and_is_taken_back(enter: Enter, crew: Cast) -> None:
    alice, charlie = enter(crew.alice), enter(crew.charlie)
    chat = make_group(alice, crew.bob)
    members(alice)
    alice.page.get_by_role("button", name="Make a link").click()
    url = alice.page.get_by_label("The link").input_value()
    charlie.page.goto(url)
    expect(charlie.page.get_by_role("heading")).to_have_text(CREW)
    charlie.page.get_by_role("button", name="Join").click()
    expect(charlie.chat(chat)).to_be_visible()
    expect(alice.page.locator("li.event").last).to_have_text("Charlie joined")
    expect(alice.page.locator("li.member")).to_have_count(3)
    alice.page.get_by_role("button", name="Take back").click()
    expect(alice.page.get_by_role("button", name="Take back")).to_have_count(0)


def test_typing_is_seen_under_the_timeline_and_in_the_list(enter: Enter, cast: Cast) -> None:
    alice = enter(cast.alice, f"/c/{cast.chat}")
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.composer.press_sequentially("Almost")
    expect(alice.page.locator(".typing")).to_have_text("Bob is typing…")
    expect(alice.chat(cast.chat).locator(".chat-last")).to_have_text("Bob is typing…")
    bob.composer.press("Enter")
    expect(alice.page.locator(".typing")).to_have_text("")
    alice.shows("Almost")
