"""The pages of a group's bots and incoming webhooks."""

import re

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.chats.actions import groups
from apps.chats.models import Member
from apps.integrations.actions import incoming as actions
from apps.integrations.models import IncomingWebhook
from tests.integrations.programs import program
from tests.support.people import signed_in


@pytest.fixture
def browser(alice):
    return signed_in(alice)


def said(response):
    return response.content.decode()


def test_a_webhook_is_made_and_its_address_shown_once(browser, crew):
    page = reverse("chat-incoming", args=[crew])
    assert "This group has none." in said(browser.get(page))
    made = browser.post(page, {"name": "Grafana"})
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    [address] = re.findall(r'<code id="address">([^<]+)</code>', said(made))
    [row] = IncomingWebhook.objects.all()
    assert f"/hooks/{row.id}/" in address
    assert f"{address}</code>" in said(made).split('id="curl"')[1]
    later = said(browser.get(page))
    assert address not in later
    assert "Grafana" in later
    assert "Never used." in later


def test_a_refused_webhook_keeps_what_was_typed(browser, crew):
    refused = browser.post(reverse("chat-incoming", args=[crew]), {"name": "a\u202eb"})
    assert refused.status_code == 400
    assert "characters that cannot be seen" in said(refused)


def test_a_new_address_and_the_end_are_asked_for_first(browser, alice, crew):
    made, _ = actions.make(alice.id, crew, name="Grafana")
    before = IncomingWebhook.objects.get(id=made).secret
    replace = reverse("incoming-replace", args=[crew, made])
    assert "old address ends" in said(browser.get(replace))
    assert IncomingWebhook.objects.get(id=made).secret == before
    assert 'id="address"' in said(browser.post(replace))
    assert IncomingWebhook.objects.get(id=made).secret != before
    delete = reverse("incoming-delete", args=[crew, made])
    assert "cannot be undone" in said(browser.get(delete))
    User.objects.filter(id=alice.id).update(locale="de")
    assert "Behalten" in said(browser.get(delete))
    assert IncomingWebhook.objects.count() == 1
    assert browser.post(delete).status_code == 302
    assert IncomingWebhook.objects.count() == 0


def test_bots_are_listed_with_what_they_may_do_and_removed(browser, alice, crew, robot):
    groups.add_members(alice.id, crew, [robot])
    program(alice.id, robot, "chats:read", "messages:write")
    actions.make(alice.id, crew, name="Grafana")
    page = said(browser.get(reverse("chat-bots", args=[crew])))
    assert "Belongs to Alice" in page
    assert "reads nothing" in page
    assert "Read the chats" in page or "read the chats" in page.lower()
    remove = reverse("chat-bot-remove", args=[crew, robot])
    assert "What it wrote stays" in said(browser.get(remove))
    assert browser.post(remove).status_code == 302
    assert browser.get(remove).status_code == 404


def test_the_pages_are_for_those_who_manage_the_group(bob, charlie, alice, crew, robot):
    groups.add_members(alice.id, crew, [robot])
    made, _ = actions.make(alice.id, crew, name="Grafana")
    pages = [
        reverse("chat-bots", args=[crew]),
        reverse("chat-bot-remove", args=[crew, robot]),
        reverse("chat-incoming", args=[crew]),
        *(reverse(f"incoming-{one}", args=[crew, made]) for one in ("test", "replace", "delete")),
    ]
    for outsider in (bob, charlie):
        browser = signed_in(outsider)
        for page in pages:
            assert browser.post(page).status_code in (404, 405)
            assert browser.get(page).status_code in (404, 405)
    assert IncomingWebhook.objects.count() == 1
    assert Member.objects.get(chat_id=crew, user_id=robot).left_rev is None


def test_a_person_is_no_bot(browser, bob, crew):
    assert browser.get(reverse("chat-bot-remove", args=[crew, bob.id])).status_code == 404
