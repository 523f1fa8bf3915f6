"""The pages on which a group's commands are made, and the admin for those of all groups."""

import re

import pytest
from django.urls import reverse

from apps.accounts.models import Deletion, User
from apps.chats.actions import groups
from apps.chats.models import Member
from apps.chats.models.member import Role
from apps.contacts.models import Contact
from apps.integrations.actions import external_commands as actions
from apps.integrations.models import CommandCall, ExternalCommand
from tests.support.people import signed_in
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]

NEW = {
    "name": "/Weather",
    "url": "https://weather.example/slack",
    "hint": "city",
    "description": "The weather",
}


@pytest.fixture
def page(crew):
    return reverse("chat-commands", args=[crew])


@pytest.fixture
def weather(alice, crew):
    return actions.make(alice.id, crew, **NEW)


def one(crew, row):
    return reverse("chat-command", args=[crew, row.id])


def test_a_command_is_made_and_its_secret_shown_once(alice, crew, page):
    browser = signed_in(alice)
    assert "no commands of its own" in browser.get(page).content.decode()
    made = browser.post(page, NEW)
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    row = ExternalCommand.objects.get()
    secret = actions.secret_of(row)
    assert secret in made.content.decode()
    assert secret not in str(ExternalCommand.objects.values())
    listed = browser.get(reverse("bots")).content.decode()
    assert "<bdi>/weather</bdi></span>" in listed
    assert "0 tokens" not in listed
    assert not Contact.objects.filter(owner=alice, other_id=row.bot_id).exists()
    assert (row.name, row.chat_id, row.url) == ("weather", crew, NEW["url"])
    for shown in (browser.get(page), browser.get(one(crew, row))):
        assert secret not in shown.content.decode()
        assert "/weather" in shown.content.decode()
    assert Member.objects.filter(chat_id=crew, user_id=row.bot_id, left_rev=None).exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "two words", "Use letters"),
        ("name", "remind", "a command of this name itself"),
        ("name", "me", "a command of this name itself"),
        ("name", "", "required"),
        ("url", "http://weather.example/", "begins with https:// and has no port"),
        ("url", "https://user:pw@weather.example/", "Leave the user name and the password out"),
        ("url", "https://weather.example:8443/", "begins with https:// and has no port"),
        ("url", "https://127.0.0.1/", "This address is inside a network"),
        ("url", "weather", "This is not a web address"),
        # 400 characters, and six for each once it is stored.
        ("url", f"https://weather.example/{'ü' * 400}", "Use at most 2000 characters"),
        ("hint", "x" * 81, "80"),
    ],
)
def test_a_refused_command_keeps_what_was_typed(alice, page, field, value, said):
    refused = signed_in(alice).post(page, NEW | {field: value, "description": "Kept text"})
    assert refused.status_code == 400
    assert said in refused.content.decode()
    assert "Kept text" in refused.content.decode()
    assert not ExternalCommand.objects.exists()
    assert not User.objects.filter(is_bot=True).exists()


def test_a_command_that_cannot_be_run_says_why(alice, bob, crew, page, weather, settings):
    browser, mine = signed_in(alice), one(crew, weather)
    assert "Cannot be run now" not in browser.get(page).content.decode()
    settings.EXTERNAL_COMMANDS = False
    for shown in (browser.get(page), browser.get(mine)):
        assert "Switched off by an administrator" in shown.content.decode()
    settings.EXTERNAL_COMMANDS = True
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    groups.leave_group(alice.id, crew)
    for address in (page, mine):
        assert "Cannot be run now: the owner" in signed_in(bob).get(address).content.decode()


def test_a_name_is_taken_once(alice, page, weather):
    refused = signed_in(alice).post(page, NEW)
    assert "There is a command of this name already." in refused.content.decode()


def test_a_bot_of_ones_own_writes_the_answers(alice, crew, page, robot):
    signed_in(alice).post(page, NEW | {"bot": str(robot)})
    assert ExternalCommand.objects.get().bot_id == robot


def test_the_end_of_a_command_or_secret_is_asked_for_first(alice, bob, crew, weather):
    browser, shown = signed_in(alice), signed_in(alice).get(one(crew, weather)).content.decode()
    assert 'name="delete"' not in shown
    for name, words in (("delete", "This cannot be undone."), ("secret", "end at once")):
        ask = reverse(f"chat-command-{name}", args=[crew, weather.id])
        assert ask in shown
        page = browser.get(ask).content.decode()
        assert words in page
        assert f'name="{name}"' in page
        assert signed_in(bob).get(ask).status_code == 404
    assert ExternalCommand.objects.exists()


def test_a_command_is_changed_tested_and_deleted_and_its_secret_replaced(alice, crew, weather):
    browser, here = signed_in(alice), one(crew, weather)
    changed = {"url": "https://other.example/", "hint": "", "description": "Other"}
    assert browser.post(here, changed).status_code == 302
    weather.refresh_from_db()
    assert (weather.url, weather.hint) == ("https://other.example/", "")
    assert "not a web address" in browser.post(here, changed | {"url": "ftp://x"}).content.decode()
    assert browser.post(here, {"test": ""}).status_code == 302
    assert CommandCall.objects.get().text == "test"
    before = actions.secret_of(weather)
    shown = browser.post(here, {"secret": ""}).content.decode()
    weather.refresh_from_db()
    assert actions.secret_of(weather) in shown
    assert actions.secret_of(weather) != before
    assert browser.post(here, {"delete": ""}).status_code == 302
    assert browser.get(here).status_code == 404


def test_members_and_outsiders_see_no_pages(bob, charlie, crew, page, weather):
    for user in (bob, charlie):
        browser = signed_in(user)
        for path in (page, one(crew, weather)):
            assert browser.get(path).status_code == 404
            assert browser.post(path, NEW | {"delete": ""}).status_code == 404
    assert ExternalCommand.objects.count() == 1


def test_administrators_make_commands_of_all_groups(alice, crew, weather):
    User.objects.filter(id=alice.id).update(is_staff=True, is_superuser=True)
    browser = signed_in(User.objects.get(id=alice.id))
    add = reverse("admin:integrations_externalcommand_add")
    refused = browser.post(add, NEW | {"url": "http://inside/"})
    assert "This address is not allowed here" in refused.content.decode()
    made = browser.post(add, NEW, follow=True)
    row = ExternalCommand.objects.get(chat=None)
    assert actions.secret_of(row) in made.content.decode()
    assert "There is a command of this name already." in browser.post(add, NEW).content.decode()
    change = reverse("admin:integrations_externalcommand_change", args=[row.id])
    browser.post(change, {"url": "https://new.example/", "hint": "", "description": ""})
    row.refresh_from_db()
    assert (row.name, row.url) == ("weather", "https://new.example/")
    listed = browser.get(reverse("admin:integrations_externalcommand_changelist"))
    assert len(re.findall(r'name="_selected_action"', listed.content.decode())) == 2
    assert str(crew) in listed.content.decode()
    wrong = browser.post(change, {"url": "http://inside/", "hint": "", "description": ""})
    assert "This address is not allowed here" in wrong.content.decode()
    for each in (row, weather):
        delete = reverse("admin:integrations_externalcommand_delete", args=[each.id])
        assert browser.post(delete, {"post": "yes"}).status_code == 302
    assert [*Deletion.objects.values_list("user_id", flat=True)] == [row.bot_id]
