"""Groups: creating, managing members, links, leaving."""

import re

from django.utils import timezone
from playwright.sync_api import expect

from apps.chats.models import InviteLink
from apps.integrations.actions import bots
from tests.journeys.groups import CREW, make_group, members
from tests.journeys.screen import Screen
from tests.support.live import database


def events(screen: Screen, *words: str) -> None:
    """Wait until the timeline shows exactly these events."""
    expect(screen.page.locator("li.event")).to_have_text(list(words))


def leave(screen: Screen) -> None:
    """Leave the group and confirm."""
    screen.page.get_by_role("button", name="Leave").click()
    screen.page.locator(".panel-doing").get_by_role("button", name="Leave").click()


def test_members_of_a_new_group_talk(company):
    crew = company.cast
    alice, bob, charlie = company.screens("alice", "bob", "charlie")
    chat = make_group(alice, crew.bob, crew.charlie)
    made = f"Alice created the group “{CREW}”"
    bob.open(chat)
    events(bob, made, "Alice added you", "Alice added Charlie")
    charlie.open(chat)
    events(charlie, made, "Alice added Bob", "Alice added you")
    expect(alice.page.locator(".head-more")).to_have_text("3 people, 3 here now")
    alice.say("Who has the key?")
    bob.say("I do")
    expect(charlie.page.locator(".row-who")).to_have_text(["Alice", "Bob"])
    expect(charlie.chat(chat).locator(".chat-last")).to_have_text("Bob: I do")
    expect(alice.row("Who has the key?").locator(".row-state")).to_have_text(
        re.compile("seen by 2")
    )


def test_admins_add_members_and_rename_the_group(company):
    crew = company.cast
    database(bots.make, crew.alice.id, username="robot", name="Robot")
    alice, bob, charlie = company.screens("alice", "bob", "charlie")
    chat = make_group(alice, crew.bob)
    bob.open(chat)
    members(alice)
    members(bob)
    expect(bob.page.get_by_role("button", name="Rename")).to_have_count(0)
    expect(bob.page.get_by_role("button", name="Create link")).to_have_count(0)

    alice.page.get_by_role("button", name="Add people").click()
    dialog = alice.page.locator("add-people")
    expect(dialog.get_by_role("checkbox", name="Bob")).to_have_count(0)
    said = dialog.get_by_text("A bot can read everything in the group")
    dialog.get_by_role("checkbox", name=re.compile("Robot.*bot @robot")).check()
    expect(said).to_be_visible()
    dialog.get_by_role("checkbox", name=re.compile("Robot.*bot @robot")).uncheck()
    expect(said).to_have_count(0)
    dialog.get_by_role("checkbox", name="Charlie").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(bob.page.locator("li.member", has_text="Charlie")).to_be_visible()
    charlie.open(chat)

    alice.page.get_by_role("button", name="More about Bob").click()
    alice.page.get_by_role("button", name="Make admin").click()
    expect(bob.page.get_by_role("button", name="Rename")).to_be_visible()
    bob.page.get_by_role("button", name="Rename").click()
    bob.page.get_by_label("Name of the group").fill("Harbour crew")
    alice.say("What is typed stays when a message comes.")
    bob.row("What is typed stays when a message comes.").wait_for()
    bob.page.get_by_role("button", name="Save").click()
    for one in (alice, charlie):
        expect(one.page.locator("#room-name")).to_have_text("Harbour crew")

    alice.page.get_by_role("button", name="More about Bob").click()
    alice.page.get_by_role("button", name="Make member").click()
    further = alice.page.locator(".person-further")
    expect(further).to_contain_text("They may still know the invite links above")
    further.get_by_role("button", name="Make member").click()
    expect(bob.page.get_by_role("button", name="Rename")).to_have_count(0)


def test_a_removed_member_sees_no_further_message_on_any_device(company):
    crew = company.cast
    alice, bob, laptop, phone = company.screens("alice", "bob", "charlie", "charlie")
    chat = make_group(alice, crew.bob, crew.charlie)
    for one in (bob, laptop, phone):
        one.open(chat)
    alice.say("For all of us")
    for one in (bob, laptop, phone):
        one.shows("For all of us")
    members(laptop)
    members(alice)
    alice.page.get_by_role("button", name="More about Charlie").click()
    alice.page.get_by_role("button", name="Remove", exact=True).click()
    expect(alice.page.locator(".person-further")).to_contain_text("Remove Charlie from the group?")
    alice.page.get_by_role("button", name="Remove", exact=True).click()
    for one in (laptop, phone):
        expect(one.page.locator(".nowhere")).to_contain_text("You are not in this chat any more.")
        # Of the panel nothing is left that Back would have to close.
        one.page.wait_for_function("history.state === null")
        expect(one.chat(chat)).to_have_count(0)
        expect(one.composer).to_be_hidden()
    alice.say("Without Charlie")
    bob.shows("For all of us", "Without Charlie")
    expect(bob.page.locator("li.event").last).to_have_text("Alice removed Charlie")
    laptop.page.reload()
    expect(laptop.page.locator(".nowhere")).to_contain_text("There is no such chat")
    for one in (laptop, phone):
        expect(one.page.locator("body")).not_to_contain_text("For all of us")
        expect(one.page.locator("body")).not_to_contain_text("Without Charlie")


def test_the_last_owner_must_appoint_another_before_leaving(talk):
    alice, bob, chat, _ = talk
    members(alice)
    members(bob)
    leave(alice)
    expect(alice.page.locator(".panel").get_by_role("alert")).to_be_visible()
    alice.page.get_by_role("button", name="Stay").click()
    alice.page.get_by_role("button", name="More about Bob").click()
    alice.page.get_by_role("button", name="Make owner").click()
    alice.page.get_by_role("button", name="Make owner").click()
    expect(bob.page.locator("li.member", has_text="you")).to_contain_text("owner")
    leave(alice)
    expect(alice.chat(chat)).to_have_count(0)
    expect(bob.page.locator("li.member")).to_have_count(1)


def test_the_chat_disappears_for_a_member_who_leaves(talk):
    alice, bob, chat, _ = talk
    bob.page.get_by_role("button", name="More about this chat").click()
    bob.page.get_by_role("button", name="Leave…").click()
    expect(bob.page.get_by_role("button", name="Stay")).to_be_focused()
    bob.page.locator(".panel-doing").get_by_role("button", name="Leave").click()
    expect(bob.chat(chat)).to_have_count(0)
    expect(alice.page.locator("li.event").last).to_have_text("Bob left")


def refused_link(screen: Screen, url: str) -> None:
    """An invite link is of no use any more, and its page says so."""
    answer = screen.page.request.get(url)
    assert answer.status == 404
    assert "This invite link is no longer valid" in answer.text()


def greets_by_card(screen: Screen, name: str) -> None:
    """Somebody who joined by a link can write to a member."""
    member = screen.page.locator("li.member").filter(has_text=name)
    member.get_by_role("button", name=name, exact=True).click()
    card = screen.page.get_by_role("dialog")
    card.get_by_role("button", name="Invite").click()
    card.get_by_role("textbox").fill("We met in the group")
    card.get_by_role("button", name="Add greeting").click()
    expect(card.locator(".greeting")).to_have_text("We met in the group")


def test_an_invite_link_joins_the_group_until_it_is_revoked(enter, crew):
    alice, charlie, dana = enter(crew.alice), enter(crew.charlie), enter(crew.dana)
    chat = make_group(alice, crew.bob)
    page = alice.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    members(alice)
    page.get_by_label("Valid for").select_option("1 day")
    page.get_by_label("For how many people").select_option("5")
    page.get_by_role("button", name="Create link").click()
    link = page.locator(".invite")
    expect(page.locator("invite-links")).to_contain_text("Link copied, valid 1 day")
    url = page.evaluate("navigator.clipboard.readText()")
    expect(link.get_by_label("The link")).to_have_value(url)
    charlie.page.goto(url)
    expect(charlie.page.get_by_role("heading")).to_have_text(CREW)
    # Opening a link does not join the group.
    charlie.go("/")
    expect(charlie.list).to_contain_text("No chats yet.")
    expect(page.locator("li.member")).to_have_count(2)
    expect(link).to_contain_text("used 0 of 5 times")
    charlie.page.goto(url)
    charlie.page.get_by_role("button", name="Join").click()
    expect(charlie.chat(chat)).to_be_visible()
    expect(page.locator("li.event").last).to_have_text("Charlie joined")
    expect(page.locator("li.member")).to_have_count(3)
    expect(link).to_contain_text("used 1 of 5 times")
    members(charlie)
    greets_by_card(charlie, "Bob")
    # It can be read again; a member who opens it comes to the chat.
    page.goto(url)
    expect(page).to_have_url(f"{alice.address}/c/{chat}")
    members(alice)
    expect(link.get_by_label("The link")).to_have_value(url)
    link.get_by_role("button", name="QR code").click()
    expect(link.locator(".qr")).not_to_have_js_property("naturalWidth", 0)
    link.get_by_role("button", name="Revoke").click()
    link.get_by_role("button", name="Cancel").click()
    expect(link.get_by_role("button", name="Copy")).to_be_focused()
    link.get_by_role("button", name="Revoke").click()
    link.get_by_role("button", name="Revoke").click()
    expect(link).to_have_count(0)
    refused_link(dana, url)
    # What others do with links is seen when the reader is back at them.
    page.get_by_role("button", name="Create link").click()
    expect(link).to_have_count(1)
    made = InviteLink.objects.filter(chat_id=chat, revoked_at=None)
    database(made.update, secret_hash="of a former key")
    alice.composer.focus()
    page.get_by_label("Valid for").focus()
    expect(link).to_contain_text("with a former key of the server and no longer works")
    database(made.update, revoked_at=timezone.now())
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(link).to_have_count(0)
