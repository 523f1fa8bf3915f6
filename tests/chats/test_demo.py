"""`manage.py demo`: what its people see over the API, in both languages, and that it goes."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.models import User
from apps.chats.actions import groups, invite_links
from apps.chats.demo import script
from apps.chats.models import Chat, Message
from apps.contacts.actions import contacts
from apps.core.identifiers import new_id
from apps.files.actions import deletion
from apps.files.models import File
from apps.wire import epochs
from tests.support.live import db, shared_database
from tests.support.people import person, signed_in
from tests.support.storages import stored

__all__ = ["db", "shared_database"]

API = "/api/v1"
pytestmark = pytest.mark.usefixtures("db", "files_storage")


def demo(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `manage.py demo` prints."""
    call_command("demo", *arguments)
    return capsys.readouterr().out


def got(client: Client, path: str) -> Any:
    """The body of a response."""
    response = client.get(API + path)
    assert response.status_code == 200, response.content
    return response.json()


def test_the_demo_is_told_by_the_api_and_goes_again(capsys, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8123"
    printed = demo(capsys, "--language", "de")
    assert "Sign in at http://127.0.0.1:8123 as 'noor'" in printed
    password = printed.split()[-1]
    noor = Client()
    body = {"username": "noor", "password": password}
    assert noor.post(f"{API}/session", body, "application/json").status_code in (200, 201, 204)
    assert got(noor, "/me")["locale"] == "de"
    _shows_everything(noor)

    # A second call changes nothing, and says the same.
    rows = (User.objects.count(), Chat.objects.count(), Message.objects.count())
    again = demo(capsys)
    assert again.splitlines()[-1] == printed.splitlines()[-1]
    assert (User.objects.count(), Chat.objects.count(), Message.objects.count()) == rows

    assert demo(capsys, "--remove") == "Removed 10 demo people and their chats.\n"
    deletion.delete_unused()
    left = (User.objects, Chat.objects, Message.objects, File.objects)
    assert [rows.count() for rows in left] == [0] * 4
    assert stored() == set()
    with pytest.raises(CommandError, match="no demo workspace"):
        demo(capsys, "--remove")


def _shows_everything(noor: Client) -> None:
    chats = {chat["title"]: chat for chat in got(noor, "/chats")["items"]}
    group, muted = chats["Leuchtturmtag"], chats["Fährmeldungen"]
    assert (group["unread"], len(group["mentioned"]), group["pinned"]) == (2, 1, True)
    assert muted["muted"] is True
    messages = got(noor, f"/chats/{group['id']}/messages")["items"]
    [first] = [one for one in messages if one.get("replies") == 2]
    assert first["last_reply_at"] == max(
        one["at"] for one in messages if one.get("thread") == first["seq"]
    )
    assert sum(len(message.get("reactions", ())) for message in messages) > 4
    assert [file["kind"] for one in messages for file in one.get("files", ())] == ["image"]
    assert len(got(noor, f"/chats/{group['id']}/pins")["items"]) == 1
    assert len(got(noor, "/saved")["items"]) == 1
    [scheduled] = got(noor, "/scheduled")["items"]
    assert scheduled["text"].startswith("Guten Morgen")
    people = {one["person"]["username"]: one for one in got(noor, "/contacts")["items"]}
    assert people["ilse"]["person"]["status"]["text"] == "Bis Montag weg"
    assert [name for name, contact in people.items() if contact["quiet"]] == ["maren"]
    assert people["ravi"]["greeting"]


@pytest.mark.parametrize(
    ("shell", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "fi_FI"}, "en"),
        ({}, "en"),
        ({"LC_ALL": "C", "LANG": "de_DE"}, "en"),
    ],
)
def test_the_language_is_that_of_the_shell(monkeypatch, capsys, shell, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    filled = []
    monkeypatch.setattr(
        "apps.chats.demo.workspace.fill", lambda _, *, language: filled.append(language)
    )
    demo(capsys)
    assert filled == [language]


@pytest.mark.parametrize("how", ["in a chat", "in touch", "strangers"])
def test_devices_of_real_people_fetch_again_what_a_removal_took(capsys, how):
    hero = person(f"hero{new_id().hex[:8]}")
    User.objects.filter(id=hero.id).update(email=f"{hero.username}@{script.MAIL}")
    rosa = person(f"rosa{new_id().hex[:8]}")
    if how == "in touch":
        contacts.invite(rosa.id, hero.id)
    elif how == "in a chat":
        group = groups.create_group(hero.id, title="Demo", people=[])
        day = timedelta(days=1)
        link = invite_links.create_link(hero.id, group, lifetime=day, most_uses=None)
        invite_links.join_by_link(rosa.id, link.secret)
    before = epochs.current()
    assert demo(capsys, "--remove") == "Removed 1 demo people and their chats.\n"
    for path in ("/chats", "/contacts"):
        assert got(signed_in(rosa), path)["items"] == []
    assert (epochs.current() != before) is (how != "strangers")
    accounts = User.objects.filter(id__in=[hero.id, rosa.id])
    assert [one.id for one in accounts] == [rosa.id]
    accounts.delete()


def test_real_people_are_not_touched(capsys):
    tomas = person("tomas")
    with pytest.raises(CommandError, match="taken by real people: tomas"):
        demo(capsys)
    assert list(User.objects.all()) == [tomas]
    assert signed_in(tomas).get(f"{API}/me").status_code == 200
