"""Exports of a person's data: all that is stored about them, and nothing of others."""

import json
from datetime import timedelta
from io import StringIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts import export_handlers
from apps.accounts.actions import accounts
from apps.accounts.models import Session
from apps.chats.actions import drafts, edits, groups, invite_links, reactions, saved, scheduled
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.receipts import Receipt, move_positions
from apps.core.identifiers import new_id
from apps.files.gateways import objects
from apps.notifications.models import Subscription
from apps.scim.models import DirectoryEntry
from apps.sso.models import Identity, ProviderPicture
from tests.chats.factories import write
from tests.support.people import in_touch, session_of
from tests.support.uploads import stored_file

# Apps below `accounts` that store nothing about people.
WITHOUT_PEOPLE = {"core", "wire"}


def export(path, username="bob"):
    said = StringIO()
    call_command("exportdata", username, str(path), stdout=said)
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        found = {
            name.removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
        }
    for name, rows in found.items():
        assert f"{name}: {len(rows)}\n" in said.getvalue()
    return found


def test_every_app_registers_what_it_exports():
    ours = {
        each.label for each in apps.get_app_configs() if each.name.startswith(("apps.", "plugins."))
    }
    assert export_handlers.registered_exports() == ours - WITHOUT_PEOPLE


@pytest.mark.django_db(transaction=True)
def test_an_export_has_all_of_the_person_and_nothing_of_others(tmp_path, alice, bob, charlie):
    in_touch(alice, bob)
    in_touch(alice, charlie)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    elsewhere = groups.create_group(alice.id, "Not for Bob", [charlie.id])
    for who, chat in ((alice, crew), (bob, crew), (alice, elsewhere), (charlie, elsewhere)):
        write(who, chat, f"words of {who.username}")
    mine = write(bob, crew, "first words of bob").seq
    edits.edit_message(bob.id, crew, seq=mine, text="better words of bob")
    for who in (alice, bob):
        reactions.add_reaction(who.id, crew, seq=mine, emoji="👍")
        saved.save_message(who.id, crew, seq=mine, saved=True)
        drafts.save_draft(who.id, crew, text=f"draft of {who.username}", reply_to=None)
        due = timezone.now() + timedelta(hours=1)
        later = f"later of {who.username}"
        scheduled.schedule(who.id, crew, client_id=new_id(), text=later, due_at=due)
        key = session_of(who)
        identity = Identity.objects.create(
            user=who, issuer="https://id.example", subject=f"s-{who.username}"
        )
        ProviderPicture.objects.create(identity=identity, url=f"https://id.example/{who.username}")
        DirectoryEntry.objects.create(user=who, user_name=f"{who.username}@corp.example")
        Subscription.objects.create(
            user=who,
            session_id=key,
            endpoint=f"https://push.example/{who.username}-secret",
            endpoint_hash=who.username,
            host="push.example",
            keys={"auth": "secret"},
            name=f"phone of {who.username}",
        )
    more = write(alice, crew, "more of alice").seq
    move_positions(bob.id, [Receipt(crew, read=more)])
    set_chat_settings(bob.id, crew, ChatSettings(unread_from=mine))
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    found = export(tmp_path / "bob.zip")
    assert [row["text"] for row in found["messages"]] == ["words of bob", "better words of bob"]
    assert [row["text"] for row in found["earlier_texts"]] == ["first words of bob"]
    assert [(row["title"], row["role"]) for row in found["chats"]] == [("Crew", "member")]
    assert [row["other__username"] for row in found["contacts"]] == ["alice"]
    [of_chat] = found["chats"]
    assert of_chat["read_at"]
    assert (of_chat["read_from"], of_chat["read_to"]) == (mine, more)
    assert (of_chat["marked_unread"], of_chat["unread_from"]) == (True, mine)
    [profile] = found["profile"]
    assert (profile["username"], profile["name"]) == ("bob", "Bob")
    for name, field, value in (
        ("reactions", "emoji", "👍"),
        ("saved_messages", "seq", mine),
        ("drafts", "text", "draft of bob"),
        ("scheduled_messages", "text", "later of bob"),
        ("identities", "subject", "s-bob"),
        ("provider_pictures", "url", "https://id.example/bob"),
        ("directory", "user_name", "bob@corp.example"),
        ("devices", "name", "phone of bob"),
    ):
        assert [row[field] for row in found[name]] == [value], name
    assert len(found["sessions"]) == 1
    text = json.dumps(found)
    others = ("words of alice", "draft of alice", "s-alice", "alice@corp", "Not for Bob", "charlie")
    secrets = ("secret", link.secret, *Session.objects.values_list("session_key", flat=True))
    assert [word for word in (*others, *secrets) if word in text] == []
    assert [row["made_at"] for row in export(tmp_path / "a.zip", "alice")["invite_links"]]


@pytest.mark.django_db(transaction=True)
def test_an_export_has_the_files_of_the_person(tmp_path, alice, bob, files_storage):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    mine = stored_file(bob, "menu.txt", b"Soup and fish")
    lost = stored_file(bob, "lost.txt", b"nobody knows")
    theirs = stored_file(alice, "plan.txt", b"of alice")
    objects.delete([lost.blob.key("original")])
    write(bob, crew, "the menu", files=[mine.id])
    write(alice, crew, "the plan", files=[theirs.id])
    path = tmp_path / "bob.zip"
    call_command("exportdata", "bob", str(path), stdout=StringIO())
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("files/")]
        assert names == [f"files/{mine.id}/menu.txt"]
        assert archive.read(names[0]) == b"Soup and fish"
        [missing] = json.loads(archive.read("files_left_out.json"))
        assert missing == {"path": f"files/{lost.id}/lost.txt", "reason": "cannot be read"}
        [message] = json.loads(archive.read("messages.json"))
        assert [file["id"] for file in message["files"]] == [str(mine.id)]


@pytest.mark.django_db(transaction=True)
def test_a_person_who_left_gets_their_words_and_not_the_present_title(tmp_path, alice, bob):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    write(bob, crew, "goodbye")
    groups.leave_group(bob.id, crew)
    groups.rename_group(alice.id, crew, "Without Bob")
    accounts.deactivate(bob.id)
    found = export(tmp_path / "bob.zip")
    assert [row["text"] for row in found["messages"]] == ["goodbye"]
    assert [row["title"] for row in found["chats"]] == [""]
    assert [row["way"] for row in found["endings"]] == ["administrator"]


@pytest.mark.django_db(transaction=True)
def test_the_archive_is_private_and_never_replaces_a_file(tmp_path, bob):
    path = tmp_path / "bob.zip"
    export(path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        call_command("exportdata", "bob", str(path))
    assert path.read_bytes() == before
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("exportdata", "nobody", str(tmp_path / "nobody.zip"))
    assert [each.name for each in tmp_path.iterdir()] == ["bob.zip"]


@pytest.mark.django_db(transaction=True)
def test_a_failed_export_leaves_no_file(tmp_path, bob, monkeypatch):
    def broken(user_id):
        def rows():
            yield {"a": 1}
            raise ValueError("broken")

        return {"broken": rows()}

    monkeypatch.setitem(export_handlers._sections, "contacts", broken)
    with pytest.raises(ValueError, match="broken"):
        call_command("exportdata", "bob", str(tmp_path / "bob.zip"), stdout=StringIO())
    assert not [*tmp_path.iterdir()]
