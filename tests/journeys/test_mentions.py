"""@all, and entries of an unknown kind."""

import re

from playwright.sync_api import expect

from apps.chats.models import Message
from tests.journeys.groups import make_group
from tests.support.fill import fill


def test_only_admins_can_mention_all(enter, crew):
    alice, bob, charlie = enter(crew.alice), enter(crew.bob), enter(crew.charlie)
    chat = make_group(alice, crew.bob, crew.charlie)
    alice.composer.press_sequentially("@al")
    all_of_them = alice.page.get_by_role("option").filter(has_text="@all")
    expect(all_of_them).to_be_visible()
    all_of_them.click()
    alice.composer.press_sequentially("to the boats")
    alice.composer.press("Enter")
    for one in (bob, charlie):
        one.open(chat)
        expect(one.page.locator("li.row .mention-me")).to_have_text("@all")
    bob.composer.press_sequentially("@al")
    expect(bob.page.get_by_role("option").filter(has_text="Alice")).to_be_visible()
    expect(bob.page.get_by_role("option").filter(has_text="@all")).to_have_count(0)
    bob.composer.fill("@all but not from me")
    bob.composer.press("Enter")
    expect(charlie.page.locator("li.row .mention-me")).to_have_count(1)


def test_an_entry_of_an_unknown_kind_shows_a_placeholder(enter, cast):
    fill(cast.chat, cast.bob.id, end=3)
    Message.objects.filter(chat_id=cast.chat, seq=2).update(kind="hologram")
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.shows("text 1", "text 3")
    expect(alice.page.locator("li.event")).to_have_text(
        re.compile("^Something happened here that this version of Parley cannot show")
    )
    alice.say("and on")
    alice.shows("text 1", "text 3", "and on")
