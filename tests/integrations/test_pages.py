"""The pages on which people make bots."""

import re
from html import unescape

import pytest
from django.urls import reverse

from apps.accounts.scopes import SCOPES
from apps.integrations.forms import AT_FIRST
from apps.integrations.queries import bots
from tests.integrations.programs import program
from tests.support.people import signed_in

PAGE = "/settings/bots"


@pytest.fixture
def browser(alice):
    return signed_in(alice)


def page_of(robot):
    return reverse("bot", args=[robot])


def test_a_bot_and_its_token_are_made_by_hand(browser, alice):
    assert "You have no bots." in browser.get(PAGE).content.decode()
    made = browser.post(PAGE, {"username": "robot", "name": "Robot", "about": ""}, follow=True)
    assert "It has none" in made.content.decode()
    shown = made.content.decode()
    assert re.findall(r'type="checkbox" name="scopes" value="([\w:]+)"', shown) == [*SCOPES]
    assert re.findall(r'value="([\w:]+)"[^>]* checked', shown) == [*AT_FIRST]
    [bot] = bots.of_owner(alice.id)
    asked = {"make": "", "name": "Builds", "scopes": ["chats:read"], "days": "30"}
    shown = browser.post(page_of(bot.person.id), asked)
    assert shown.status_code == 201
    assert "no-store" in shown["Cache-Control"]
    [secret] = re.findall(r'value="(parley_bot_[^"]+)"', shown.content.decode())
    assert 'data-copy="token"' in shown.content.decode()
    assert f"Authorization: Bearer {secret}" in unescape(shown.content.decode())
    later = browser.get(page_of(bot.person.id)).content.decode()
    assert secret not in later
    assert "Builds" in later
    [token] = bots.get(alice.id, bot.person.id).tokens
    assert token.scopes == ("chats:read",)
    assert token.expires_at is not None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"username": "alice", "name": "Kept"}, "This username is taken."),
        ({"username": "no good", "name": "Kept"}, "Use 1 to 32 of"),
        ({"name": "Kept"}, "required"),
    ],
)
def test_a_refused_bot_keeps_what_was_typed(browser, given, said):
    refused = browser.post(PAGE, given)
    assert refused.status_code == 400
    assert said in refused.content.decode()
    assert 'value="Kept"' in refused.content.decode()


def test_a_token_without_scopes_is_refused_at_its_field(browser, robot):
    refused = browser.post(page_of(robot), {"make": "", "name": "Kept", "days": ""})
    assert refused.status_code == 400
    assert 'value="Kept"' in refused.content.decode()


def test_its_profile_is_changed_and_a_token_revoked(browser, alice, robot):
    token = program(alice.id, robot, "chats:read").device
    changed = browser.post(page_of(robot), {"name": "New name", "about": "Tells jokes"})
    assert changed.status_code == 302
    assert bots.get(alice.id, robot).person.name == "New name"
    revoke = reverse("bot-token-revoke", args=[robot, token])
    assert browser.get(revoke).status_code == 405
    for _ in range(2):  # the second time it is gone already
        assert browser.post(revoke).status_code == 302
    assert bots.get(alice.id, robot).tokens == ()


def test_a_bot_is_deleted_after_a_question(browser, alice, robot):
    delete = reverse("bot-delete", args=[robot])
    assert "cannot be undone" in browser.get(delete).content.decode()
    assert bots.of_owner(alice.id) != []
    assert browser.post(delete).status_code == 302
    assert bots.of_owner(alice.id) == []


def test_the_pages_of_others_do_not_exist(charlie, alice, robot):
    outsider = signed_in(charlie)
    token = program(alice.id, robot, "chats:read").device
    for name, args in (
        ("bot", [robot]),
        ("bot-delete", [robot]),
        ("bot-token-revoke", [robot, token]),
    ):
        for method in (
            (outsider.post,) if name == "bot-token-revoke" else (outsider.get, outsider.post)
        ):
            assert method(reverse(name, args=args)).status_code == 404
    assert len(bots.get(alice.id, robot).tokens) == 1
