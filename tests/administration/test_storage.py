"""What is stored: counted by a worker in batches, and shown to administrators without names."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Export, User
from apps.core.identifiers import new_id
from apps.files.actions import storage_use
from apps.files.models import Blob, Chunk, File, StorageCount, StorageUse
from tests.support.people import signed_in
from tests.support.plans import cost

PAGE = reverse("admin:storage")
# 20,000 contents of 5,000 people.
FILL = """
INSERT INTO files_blob (id, owner_id, sha256, as_file, stored, content, created_at)
SELECT gen_random_uuid(), md5((n % 5000)::text)::uuid, n::text, false, n, '{"kind": "image"}', now()
FROM generate_series(1, 20000) AS n
"""


def store(owner, size, kind="image"):
    return Blob.objects.create(
        owner_id=owner.id, sha256=str(new_id()), stored=size, content={"kind": kind}
    )


def count_again():
    StorageCount.objects.update(counted_at=timezone.now() - timedelta(hours=2))
    storage_use.count_storage()


def shown():
    out = StringIO()
    call_command("storage_use", "--json", stdout=out)
    return json.loads(out.getvalue())


def used():
    return {each["username"]: (each["number"], each["bytes"]) for each in shown()["people"]}


@pytest.fixture
def stored(alice, bob, charlie):
    """Two contents of alice's, one of bob's, a part of an upload of charlie's, and an export."""
    store(alice, 1_000)
    store(alice, 500, "document")
    store(bob, 9_000)
    now = timezone.now()
    upload = File.objects.create(
        owner_id=charlie.id,
        client_id=new_id(),
        name="zyxomma.png",
        size=9,
        created_at=now,
        expires_at=now,
    )
    Chunk.objects.create(file=upload, start=0, size=7, key="incoming/1")
    Export.objects.create(user_id=bob.id, state="ready", size=30, expires_at=now)


@pytest.mark.parametrize("batch_size", [1, 5_000])
def test_what_is_stored_is_counted_by_kind_and_person(stored, batch_size, monkeypatch):
    monkeypatch.setattr(storage_use, "BATCH_SIZE", batch_size)
    storage_use.count_storage()
    found = shown()
    assert found["bytes"] == 10_537
    kinds = {each["kind"]: (each["number"], each["bytes"]) for each in found["kinds"]}
    assert kinds == {
        "image": (2, 10_000),
        "document": (1, 500),
        "incomplete": (1, 7),
        "export": (1, 30),
    }
    assert list(used().items()) == [("bob", (1, 9_000)), ("alice", (2, 1_500))]


def test_a_count_is_repeated_after_an_hour(stored, alice, bob):
    storage_use.count_storage()
    store(alice, 100_000)
    Blob.objects.filter(owner_id=bob.id).delete()
    storage_use.count_storage()
    assert list(used()) == ["bob", "alice"]
    count_again()
    assert used() == {"alice": (3, 101_500)}


def test_a_count_goes_on_after_its_worker_was_killed(stored, monkeypatch):
    monkeypatch.setattr(storage_use, "BATCH_SIZE", 1)
    monkeypatch.setattr(storage_use, "PASS_S", 0)
    storage_use.count_storage()
    assert shown()["counted_at"] is None
    storage_use.count_storage()
    storage_use.count_storage()
    assert shown()["bytes"] == 10_537


def test_many_contents_are_counted_in_batches_and_shown_from_a_few_rows(root, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("ANALYZE files_blob")
    monkeypatch.setattr(storage_use, "BATCH_SIZE", 1_000)
    monkeypatch.setattr(storage_use, "PASS_S", 0)
    for nodes, rows in cost(storage_use.count_storage):
        assert rows <= 2_100, nodes
    monkeypatch.setattr(storage_use, "PASS_S", 60)
    storage_use.count_storage()
    assert StorageUse.objects.count() == 5_000
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE files_storageuse")
    client = signed_in(root)
    for page in (PAGE, reverse("admin:index")):
        for nodes, rows in cost(lambda page=page: client.get(page)):
            assert rows <= 300, f"{page} reads {rows} rows: {nodes}"


def test_administrators_alone_see_it_and_no_name_of_a_file(stored, root, helper, moderator, bob):
    assert "Not counted yet" in signed_in(root).get(PAGE).content.decode()
    storage_use.count_storage()
    page = signed_in(root).get(PAGE).content.decode()
    for words in ("11\N{NO-BREAK SPACE}kB in total", "bob", "alice", "Pictures", "Documents"):
        assert words in page, words
    assert "zyxomma" not in page
    assert f'href="{PAGE}"' in signed_in(root).get(reverse("admin:index")).content.decode()
    for other in (helper, moderator):
        assert signed_in(other).get(PAGE).status_code == 403
        assert PAGE not in signed_in(other).get(reverse("admin:index")).content.decode()


def test_a_deleted_account_is_shown_without_a_name(stored, root, bob):
    storage_use.count_storage()
    User.objects.filter(id=bob.id).update(erased_at=timezone.now())
    assert used()[""] == (1, 9_000)
    assert str(bob.id) in signed_in(root).get(PAGE).content.decode()
