"""Files that people keep for themselves: until they stop, whatever messages show."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.actions import accounts
from apps.chats.actions import edits
from apps.chats.models import Message
from apps.core.errors import NotFound
from apps.core.identifiers import new_id
from apps.files.actions import deletion, own_files, uses
from apps.files.actions.kept import set_kept
from apps.files.actions.uploads import cancel
from apps.files.models import Blob, File, StoredObject
from tests.chats.factories import write
from tests.support.people import signed_in
from tests.support.threads import meanwhile, together
from tests.support.uploads import API, begin, ready, stored_file, uploaded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]
PAST = timedelta(seconds=1)


@pytest.fixture
def file(alice):
    return stored_file(alice, "notes.txt", b"some words").id


def expire():
    """Let the day of all files pass."""
    File.objects.update(expires_at=timezone.now() - PAST)


def exists(file):
    deletion.delete_unused()
    return File.objects.filter(id=file).exists()


def test_a_kept_file_stays_until_a_day_after_its_owner_stops(alice, file):
    client = signed_in(alice)
    answers = [client.put(f"{API}/{file}/kept") for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[1].json() == client.get(f"{API}/{file}").json()
    assert (answers[1].json()["kept"], answers[1].json()["expires_at"]) == (True, None)
    expire()
    assert exists(file)
    stopped = [client.delete(f"{API}/{file}/kept") for _ in range(2)]
    assert [each.json()["kept"] for each in stopped] == [False, False]
    assert exists(file)
    left = File.objects.get().expires_at - timezone.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    expire()
    assert not exists(file)


def test_keeping_counts_once_beside_messages(alice, file, chat):
    sent = write(alice, chat, files=[file])
    for _ in range(2):
        set_kept(alice.id, file, kept=True)
    assert File.objects.get().uses == 2
    edits.delete_message(alice.id, chat, seq=sent.seq)
    expire()
    assert exists(file)
    again = write(alice, chat, files=[file])
    set_kept(alice.id, file, kept=False)
    assert File.objects.get().uses == 1
    assert exists(file)
    edits.delete_message(alice.id, chat, seq=again.seq)
    assert not exists(file)


def test_deleting_a_kept_file_ends_the_keeping(alice, file):
    set_kept(alice.id, file, kept=True)
    client = signed_in(alice)
    assert client.delete(f"{API}/{file}").status_code == 204
    assert client.get(f"{API}/{file}").status_code == 404
    assert not exists(file)
    assert not Blob.objects.exists()
    assert not StoredObject.objects.exists()


def test_a_kept_file_that_a_message_shows_is_neither_deleted_nor_renamed(alice, file, chat):
    set_kept(alice.id, file, kept=True)
    write(alice, chat, files=[file])
    client = signed_in(alice)
    refused = [
        client.delete(f"{API}/{file}"),
        client.patch(f"{API}/{file}", {"name": "b.txt"}, content_type="application/json"),
    ]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [
        (409, "not_possible")
    ] * 2
    row = File.objects.get()
    assert (row.kept, row.uses, row.name) == (True, 2, "notes.txt")


def test_a_file_is_renamed_wherever_its_name_is(alice, file, chat):
    client = signed_in(alice)
    given = {"name": "../a\x00\u202egnp.exe"}
    answer = client.patch(f"{API}/{file}", given, content_type="application/json").json()
    assert (answer["name"], answer["file"]["name"]) == ("_agnp.exe", "_agnp.exe")
    write(alice, chat, files=[file])
    [shown] = Message.objects.exclude(files=[]).get().files
    assert shown["name"] == "_agnp.exe"
    for name in ("", "  "):
        empty = client.patch(f"{API}/{file}", {"name": name}, content_type="application/json")
        assert empty.status_code == 400
    unfinished = begin(client, "b.txt", 10).json()["id"]
    named = client.patch(f"{API}/{unfinished}", {"name": "c.txt"}, content_type="application/json")
    assert (named.json()["name"], named.json()["file"]) == ("c.txt", None)


def test_only_a_ready_file_is_kept(alice):
    client = signed_in(alice)
    for unready in (begin(client, "a.txt", 10).json()["id"], uploaded(alice)):
        answer = client.put(f"{API}/{unready}/kept")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")
    assert not File.objects.filter(kept=True).exists()
    assert client.put(f"{API}/{ready(alice, b'other')}/kept").status_code == 200


def test_the_list_is_filtered(alice, file):
    other = stored_file(alice, "b.txt", b"other").id
    set_kept(alice.id, file, kept=True)
    client = signed_in(alice)

    def listed(query):
        return [each["id"] for each in client.get(f"{API}{query}").json()["items"]]

    assert listed("") == [str(other), str(file)]
    assert listed("?kept=true") == [str(file)]
    assert listed("?kept=false") == [str(other)]


def test_nobody_else_keeps_or_renames_a_file(alice, charlie, bob, chat, file):
    write(alice, chat, files=[file])
    for who in (charlie, bob):
        client = signed_in(who)
        answers = [
            client.put(f"{API}/{file}/kept"),
            client.delete(f"{API}/{file}/kept"),
            client.patch(f"{API}/{file}", {"name": "b"}, content_type="application/json"),
            client.put(f"{API}/{new_id()}/kept"),
        ]
        assert [each.status_code for each in answers] == [404] * 4
    row = File.objects.get()
    assert (row.kept, row.uses, row.name) == (False, 1, "notes.txt")


def test_a_closed_account_keeps_nothing(alice, file):
    accounts.deactivate(alice.id)
    with pytest.raises(NotFound):
        set_kept(alice.id, file, kept=True)


def test_a_file_that_is_being_kept_is_not_swept(alice, file, monkeypatch):
    # As if the day ended between the check and the sweep.
    monkeypatch.setattr(own_files, "EXISTING", Q())
    earlier = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr(own_files, "timezone", SimpleNamespace(now=lambda: earlier))
    expire()
    with transaction.atomic():
        set_kept(alice.id, file, kept=True)
        [_] = together(deletion.delete_unused)
    assert exists(file)


def test_a_file_that_is_being_swept_cannot_be_kept(alice, file):
    def sweep():
        expire()
        deletion._delete_files()

    assert isinstance(meanwhile(sweep, partial(set_kept, alice.id, file, kept=True)), NotFound)
    assert not exists(file)


def test_a_file_that_is_being_deleted_cannot_be_kept(alice, file):
    keep = partial(set_kept, alice.id, file, kept=True)
    lock, delete = partial(own_files.lock_own, alice.id, file), partial(cancel, alice.id, file)
    assert isinstance(meanwhile(lock, keep, then=delete), NotFound)
    assert not exists(file)


def test_a_file_that_is_being_kept_can_be_deleted(alice, file):
    keep = partial(set_kept, alice.id, file, kept=True)
    assert meanwhile(keep, partial(cancel, alice.id, file)) is None
    assert not exists(file)


def test_a_use_of_the_same_moment_is_not_lost(alice, file):
    meanwhile(partial(uses.add, [file]), partial(set_kept, alice.id, file, kept=True))
    assert File.objects.get().uses == 2
