"""Registering, finding people, invitations, removing and blocking contacts."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.journeys.screen import Screen
from tests.support.servers import Server

PASSWORD = "a lamp and a ferry"


def register(context: BrowserContext, server: Server, username: str) -> Screen:
    """Register from the start page."""
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    return Screen(page, server.url).ready()


def test_two_people_register_become_contacts_and_talk(browse, server, db):
    alice = register(browse(), server, "alice")
    bob = register(browse(), server, "bob.the.second")
    expect(alice.list).to_contain_text("No chats yet.")
    alice.page.get_by_role("link", name="People", exact=True).first.click()
    alice.find("bob.the").get_by_role("button", name="Invite").click()
    invited = alice.person("bob.the", "outgoing")
    invited.get_by_label("reads with the invitation").fill("We met at the ferry")
    expect(invited).to_contain_text("Invitation sent")
    invited.get_by_role("button", name="Add greeting").click()
    expect(invited).to_contain_text("We met at the ferry")

    # Bob has done nothing since he registered: the badge appears by itself.
    expect(bob.invitations).to_have_attribute("data-invitations", "1")
    bob.page.get_by_role("link", name="People", exact=True).first.click()
    invitation = bob.person("alice", "incoming")
    expect(invitation).to_contain_text("We met at the ferry")
    invitation.get_by_role("button", name="Accept").click()
    bob.shows("We met at the ferry")
    expect(bob.invitations).to_have_count(0)

    # Alice has done nothing since: the chat comes by itself.
    expect(alice.person("bob.the.second", "contact")).to_contain_text("here now")
    expect(alice.list.locator(".chat-last")).to_contain_text("accepted your invitation")
    expect(alice.list.locator(".badge")).to_have_attribute("data-unread", "1")
    alice.list.get_by_role("link").first.click()
    expect(alice.list.locator(".badge")).to_have_count(0)
    alice.say("Good morning!")
    bob.say("Good morning, Alice")
    for one in (alice, bob):
        one.shows("We met at the ferry", "Good morning!", "Good morning, Alice")


def test_an_invitation_can_be_cancelled_or_declined(enter, cast):
    alice, charlie = enter(cast.alice, "/people"), enter(cast.charlie, "/people")
    name = cast.charlie.username
    alice.find(name).get_by_role("button", name="Invite").click()
    expect(charlie.person("Alice", "incoming")).to_be_visible()
    alice.person(name, "outgoing").get_by_role("button", name="Withdraw").click()
    expect(charlie.person("Alice", "incoming")).to_have_count(0)
    expect(charlie.invitations).to_have_count(0)
    expect(alice.person(name, "outgoing")).to_have_count(0)

    alice.find(name).get_by_role("button", name="Invite").click()
    charlie.person("Alice", "incoming").get_by_role("button", name="Decline").click()
    expect(charlie.person("Alice", "incoming")).to_have_count(0)
    expect(alice.person(name, "outgoing")).to_have_count(0)
    expect(alice.find(name).get_by_role("button", name="Invite")).to_be_visible()


def test_crossing_invitations_make_one_contact(enter, cast, proxy):
    alice, charlie = enter(cast.alice, "/people"), enter(cast.charlie, "/people", via=proxy)
    theirs = charlie.find(cast.alice.username).get_by_role("button", name="Invite")
    expect(theirs).to_be_visible()
    # Charlie's browser does not receive Alice's invitation before he sends his own, and no
    # heartbeat tells it that something is missing.
    proxy.times = lambda event: 0 if event["type"] in ("contact", "heartbeat") else 1
    alice.find(cast.charlie.username).get_by_role("button", name="Invite").click()
    expect(alice.person(cast.charlie.username, "outgoing")).to_be_visible()
    expect(theirs).to_be_visible()
    proxy.times = lambda event: 1
    theirs.click()
    expect(charlie.person("Alice", "contact")).to_be_visible()
    expect(alice.person(cast.charlie.username, "contact")).to_be_visible()


def test_removing_a_contact_makes_their_chat_read_only(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    bob = enter(cast.bob, "/people")
    alice.say("Before")
    proxy = bob.person("Alice", "contact")
    proxy.get_by_role("button", name="More").click()
    proxy.get_by_role("button", name="Remove").click()
    expect(proxy).to_contain_text("Remove Alice from your contacts?")
    proxy.get_by_role("button", name="Cancel").click()
    proxy.get_by_role("button", name="Remove").click()
    proxy.get_by_role("button", name="Remove").click()
    expect(bob.person("Alice", "contact")).to_have_count(0)
    expect(alice.page.locator(".composer-closed")).to_be_visible()
    expect(alice.composer).to_have_count(0)
    alice.shows("Before")

    bob.find(cast.alice.username).get_by_role("button", name="Invite").click()
    alice.page.get_by_role("link", name="People", exact=True).first.click()
    alice.person("Bob", "incoming").get_by_role("button", name="Accept").click()
    alice.open(cast.chat).say("And after")
    bob.open(cast.chat).shows("Before", "And after")


def test_a_blocked_person_cannot_find_or_write_and_is_not_told(enter, cast):
    alice, bob = enter(cast.alice, "/people"), enter(cast.bob, f"/c/{cast.chat}")
    proxy = alice.person("Bob", "contact")
    proxy.get_by_role("button", name="More").click()
    proxy.get_by_role("button", name="Block").click()
    expect(proxy).to_contain_text("They are not told that you blocked them.")
    proxy.get_by_role("button", name="Block").click()
    expect(alice.person("Bob", "blocked")).to_be_visible()
    expect(bob.page.locator(".composer-closed")).to_be_visible()
    expect(bob.page.locator("body")).not_to_contain_text("locked")

    bob.page.get_by_role("link", name="People", exact=True).first.click()
    # The fuzzy search finds Charlie, whom nobody has blocked, so it has finished.
    nobody = bob.find(cast.alice.username)
    expect(bob.page.get_by_role("region", name="Found")).to_contain_text(cast.charlie.username)
    expect(nobody).to_have_count(0)

    alice.person("Bob", "blocked").get_by_role("button", name="Unblock").click()
    expect(alice.person("Bob", "blocked")).to_have_count(0)
    bob.find(cast.alice.username).get_by_role("button", name="Invite").click()
    alice.person("Bob", "incoming").get_by_role("button", name="Accept").click()
    expect(alice.page.locator(".head-more")).to_contain_text("here now")


def test_a_newcomer_with_a_personal_link_is_in_a_conversation(browse, enter, server, cast):
    alice = enter(cast.alice, "/people")
    dialog = alice.page.get_by_role("dialog")
    alice.page.get_by_role("button", name="Invite by a link").click()
    dialog.get_by_role("button", name="Create link").click()
    link = alice.page.get_by_label("The link", exact=True)
    expect(link).to_have_value(re.compile("/with/"))
    former = link.input_value()
    dialog.get_by_role("button", name="Replace it").click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(link).to_have_value(former)
    dialog.get_by_role("button", name="Replace it").click()
    dialog.get_by_role("button", name="Replace it").click()
    expect(link).not_to_have_value(former)
    expect(alice.page.locator(".qr")).to_have_js_property("complete", True)

    page = browse().new_page()
    page.goto(server.url + link.input_value()[link.input_value().index("/with/") :])
    expect(page.get_by_role("heading")).to_have_text("Alice")
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("Your name").fill("Nora")
    page.get_by_label("Username").fill(f"nora-{cast.alice.username}")
    password = page.get_by_label("Password")
    password.fill(PASSWORD)
    for button, kind in (("Show", "text"), ("Hide", "password"), ("Show", "text")):
        page.get_by_role("button", name=button, exact=True).click()
        expect(password).to_have_attribute("type", kind)
        expect(password).to_be_focused()
    page.get_by_role("button", name="Create account").click()
    nora = Screen(page, server.url).ready()
    nora.say("Here I am")
    alice.page.keyboard.press("Escape")
    expect(alice.list).to_contain_text("Here I am")
    expect(alice.list.locator(".chat-name").first).to_have_text("Nora")
