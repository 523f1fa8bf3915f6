"""A poll, as two people see it."""

import re
from uuid import UUID

from playwright.sync_api import expect

from apps.plugins.polls import voting
from apps.plugins.polls.models import Poll
from tests.journeys.conftest import Talk
from tests.journeys.screen import Screen
from tests.support.axe import findings
from tests.support.live import database


def options(screen: Screen):
    return screen.page.get_by_role("radio")


def ask(screen: Screen, chat: UUID, question: str, answers: str) -> None:
    """Post a poll with the page of the chat's menu."""
    page = screen.page
    page.goto(f"{screen.address}/plugins/polls/new/{chat}")
    page.get_by_label("Question").fill(question)
    page.get_by_label("Answers", exact=True).fill(answers)
    page.get_by_role("button", name="Post the poll").click()
    page.wait_for_url(f"**/c/{chat}")
    screen.ready()


def test_two_people_vote_and_see_the_numbers(talk: Talk):
    alice, bob, chat, people = talk
    ask(alice, chat, "Where do we eat?", "Pizza\nNoodles")
    for screen in (alice, bob):
        expect(options(screen)).to_have_count(2)
    options(bob).nth(1).click()
    expect(options(bob).nth(1)).to_have_attribute("aria-checked", "true")
    expect(options(bob).nth(1)).to_have_accessible_name(re.compile("Noodles 1 vote"))
    database(voting.count_due)
    expect(options(alice).nth(1)).to_have_accessible_name(re.compile("Noodles 1 vote"))
    alice.page.get_by_role("button", name="Who chose what").click()
    expect(options(alice).nth(1)).to_contain_text("Bob")
    assert findings(alice.page) == []
    # Bob votes on another device, and comes back to this one.
    [poll] = database(lambda: list(Poll.objects.filter(chat_id=chat)))
    database(voting.vote, people.bob.id, chat, poll.seq, [0])
    database(voting.count_due)
    expect(options(bob).first).to_have_accessible_name(re.compile("Pizza 1 vote"))
    bob.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(options(bob).first).to_have_attribute("aria-checked", "true")
    alice.page.get_by_role("button", name="Close the poll").press("Enter")
    expect(alice.page.get_by_role("button", name="Keep it open")).to_be_focused()
    alice.page.get_by_role("button", name="Close it for good").click()
    expect(bob.page.locator(".poll")).to_contain_text("This poll is closed.")
    expect(options(bob).first).to_have_attribute("aria-disabled", "true")


def test_an_entry_that_cannot_be_drawn_is_its_text_and_harms_nothing(talk: Talk, watch):
    alice, bob, chat, _ = talk
    broken = "export const draw = () => { throw new Error('broken'); };"
    answer = {"body": broken, "content_type": "text/javascript"}
    bob.page.route("**/polls/entry.js", lambda route: route.fulfill(**answer))
    bob.page.reload()
    bob.ready()
    ask(alice, chat, "Harmless?", "Yes\nNo")
    expect(options(alice)).to_have_count(2)
    alice.say("Afterwards")
    bob.shows(re.compile("Harmless?"), "Afterwards")
    expect(options(bob)).to_have_count(0)
    assert all("cannot draw an entry" in error for error in watch.take())
    bob.page.unroute_all()
    bob.go("/")
