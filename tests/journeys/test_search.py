"""The search dialog (Ctrl+K): people, chats and messages."""

import re
from datetime import timedelta
from uuid import UUID

from django.utils.timezone import localdate
from playwright.sync_api import Locator, Route, expect

from apps.accounts.models import User
from apps.chats.actions import groups
from tests.chats.factories import write
from tests.journeys.groups import CREW, make_group
from tests.journeys.screen import Screen, exactly
from tests.journeys.shown_files import pictures, send
from tests.support.fill import fill
from tests.support.live import database


def test_a_found_message_is_highlighted_and_opened_in_its_chat(enter, cast):
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
    expect(bob.page.locator("li.row-target")).to_be_focused()


def test_an_old_message_opens_among_its_neighbours(enter, cast):
    fill(cast.chat, cast.bob.id, end=600)
    alice = enter(cast.alice)
    found = alice.search('"text 300"').get_by_role("region", name="Messages")
    found.get_by_role("link").click()
    expect(alice.page).to_have_url(re.compile(f"/c/{cast.chat}/at/300$"))
    for seq in (299, 300, 301):
        expect(alice.row(f"text {seq}")).to_be_in_viewport()
    expect(alice.page.locator("li.row-target .text")).to_have_text("text 300")
    expect(alice.row("text 600")).to_have_count(0)


def test_the_name_of_a_file_is_shown_when_it_was_found(enter, cast):
    def fill_chat() -> None:
        send(cast.bob, cast.chat, *pictures(cast.bob, "Lantern room.jpg"))
        send(cast.alice, cast.chat, *pictures(cast.alice, "stairs.jpg"), text="The lantern is lit")

    database(fill_chat)
    found = enter(cast.alice).search("lantern").get_by_role("region", name="Messages")
    expect(found.get_by_role("link")).to_have_count(2)
    own = found.get_by_role("link", name="The lantern is lit")
    expect(own.locator(".row-who")).to_have_text("You")
    expect(found.locator(".hit-picture")).to_have_count(2)
    for picture in found.locator(".hit-picture").all():
        expect(picture).to_have_js_property("complete", True)
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    expect(found.locator(".hit-file")).to_have_text([" Lantern room.jpg"])
    expect(found.locator(".hit-file mark")).to_have_text(["Lantern"])
    expect(found.locator(".hit-text")).to_have_text(["📷 The lantern is lit"])


def test_people_and_chats_are_found_by_name(enter, cast):
    alice = enter(cast.alice)
    dialog = alice.search(cast.bob.username)
    # The search is fuzzy: it may find other Bobs, too.
    people = dialog.get_by_role("region", name="People")
    people.get_by_role("button", name=f"@{cast.bob.username}").click()
    expect(alice.page).to_have_url(re.compile(f"/c/{cast.chat}$"))
    # An initial stands for the picture.
    recent = alice.search("").get_by_role("region", name="Recent chats")
    expect(recent.get_by_role("link")).to_have_text(["BBob"])
    dialog = alice.search("Bob")
    # The chat with a person is not listed beside the person.
    expect(people.get_by_role("button", name=f"@{cast.bob.username}")).to_be_visible()
    expect(dialog.get_by_role("region", name="Chats")).to_have_count(0)
    alice.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_search_without_results_says_so_and_strangers_find_nothing(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.say("A secret lantern")
    alice.state("A secret lantern", "sent", "delivered", "read")
    charlie = enter(cast.charlie)
    expect(charlie.search("lantern")).to_contain_text("Nothing was found.")
    expect(alice.search("lantern from:bob")).to_contain_text("Nothing was found.")


def messages(screen: Screen, words: str) -> Locator:
    """The texts of the messages found."""
    return screen.search(words).get_by_role("region", name="Messages").locator(".hit-text")


def test_filters_narrow_a_search(enter, crew):
    alice, bob = enter(crew.alice), enter(crew.bob)
    chat = make_group(alice, crew.bob, crew.charlie)
    alice.say("the tide table https://example.org/tide", "table for the tide")
    bob.open(chat).say("tide `table()`")
    bob.open(crew.chat).say("the tide, just for Alice")
    alice.row("tide table()").wait_for()
    first, second = "the tide table https://example.org/tide", "table for the tide"
    third, fourth = "tide table()", "the tide, just for Alice"
    day, next_day = localdate(), localdate() + timedelta(days=1)
    expect(bob.page.locator("li.row[data-state=pending]")).to_have_count(0)
    # Before anything is typed: the recent chats, the newest first.
    alice.page.keyboard.press("Control+k")
    recent = alice.page.get_by_role("region", name="Recent chats").get_by_role("link")
    expect(recent.locator("bdi")).to_have_text(["Bob", CREW])
    for words, found in {
        "tide": {first, second, third, fourth},
        '"tide table"': {first, third},
        f"tide from:{crew.bob.username}": {third, fourth},
        f'tide in:"{CREW}"': {first, second, third},
        "tide has:link": {first},
        "tide has:code": {third},
        f"tide before:{next_day} after:{day - timedelta(days=2)} -table": {fourth},
    }.items():
        texts = messages(alice, words)
        for text in found:
            expect(texts.filter(has_text=exactly(text))).to_have_count(1)
        expect(texts).to_have_count(len(found))
    alice.search(f"tide before:{day - timedelta(days=1)}")
    expect(alice.page.locator("search-dialog")).to_contain_text("Nothing was found.")


def test_a_removed_member_finds_nothing_at_once(enter, crew):
    alice, charlie = enter(crew.alice), enter(crew.charlie)
    chat = make_group(alice, crew.charlie)
    alice.say("The lantern is lit")
    alice.state("The lantern is lit", "sent", "delivered", "read")
    expect(messages(charlie, "lantern")).to_have_text(["The lantern is lit"])
    database(groups.remove_member, crew.alice.id, UUID(chat), person=crew.charlie.id)
    dialog = charlie.search("the lantern")
    expect(dialog).to_contain_text("Nothing was found.")
    expect(charlie.search(CREW)).to_contain_text("Nothing was found.")


def test_filters_are_completed_and_checked_before_a_request(enter, crew):
    alice = enter(crew.alice)
    database(say_in_a_group, crew.alice, f"{CREW} of another year", "the tide of another year")
    chat = make_group(alice, crew.bob)
    alice.say("a **final** tide")
    alice.state("a final tide", "sent", "delivered", "read")
    refused: list[str] = []
    alice.page.on("response", lambda it: refused.append(it.url) if it.status >= 400 else None)

    alice.page.keyboard.press("Control+f")
    dialog = alice.page.locator("search-dialog")
    field = dialog.get_by_role("searchbox")
    field.fill("tide")
    top = dialog.locator("dialog").bounding_box()
    found = dialog.get_by_role("region", name="Messages")
    expect(found.locator(".hit-text")).to_have_text(["a final tide"])
    field.fill("")
    field.press("Backspace")
    expect(dialog.get_by_role("button", name=f"In {CREW}")).to_have_count(0)

    dialog.get_by_role("button", name="In", exact=True).click()
    dialog.get_by_role("button", name=CREW, exact=True).click()
    expect(found.locator(".hit")).to_have_count(2)
    dialog.get_by_role("button", name="Before", exact=True).click()
    expect(field).to_have_value(f'in:"{CREW}" before:')
    dialog.get_by_role("button", name="Yesterday").click()
    expect(field).to_have_value(f'in:"{CREW}" before:yesterday ')
    expect(dialog).to_contain_text("Nothing was found.")
    dialog.get_by_role("button", name="What can be typed").click()
    expect(dialog.get_by_text("exact phrase")).to_be_visible()

    field.fill("final after:2026-02-3")
    expect(dialog.locator(".search-old")).to_have_count(1)
    field.press_sequentially("0 ")
    expect(dialog.get_by_role("alert")).to_have_text("That date is not valid. Use 2026-11-30.")
    expect(found).to_have_count(0)
    field.fill("final on:today from:")
    dialog.get_by_role("button", name="Me", exact=True).click()
    expect(found.locator("mark")).to_have_text(["final"])
    assert dialog.locator("dialog").bounding_box() == top
    assert refused == []

    alice.page.keyboard.press("Escape")
    alice.page.get_by_role("button", name="More about this chat").click()
    alice.page.get_by_role("button", name="Search here").click()
    field.fill("tide")
    expect(found.locator(".hit-text")).to_have_text(["a final tide"])
    assert alice.page.url.endswith(chat)
    dialog.get_by_role("button", name=f"In {CREW}").click()
    expect(found.locator(".hit")).to_have_count(2)

    # Messages, people and chats are asked for. Enter tries again.
    alice.page.route("**/api/v1/search*", refuse, times=3)
    field.fill("final")
    expect(dialog.get_by_role("alert")).to_have_text("The search did not work. Try again.")
    field.press("Enter")
    expect(alice.page).to_have_url(re.compile(f"/c/{chat}/at/"))


def refuse(route: Route) -> None:
    route.fulfill(content_type="application/problem+json", body="{}")


def say_in_a_group(alice: User, title: str, text: str) -> None:
    write(alice, groups.create_group(alice.id, title, []), text)
