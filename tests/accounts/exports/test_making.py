"""A worker writes an export once, although others die."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone

from apps.accounts.actions import accounts, exports
from apps.accounts.gateways import export_files
from apps.accounts.models import Export, User
from apps.accounts.tasks import delete_expired_exports, make_exports
from apps.core.claims import claim
from apps.core.storage import object_storage
from apps.files.gateways import objects
from tests.accounts.exports.exporting import (
    PAGE,
    State,
    content,
    files,
    lapse,
    made,
    path_of,
    the_one,
)
from tests.support.people import signed_in
from tests.support.uploads import stored_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


def test_files_that_a_slow_storage_could_not_give_in_time_are_left_out(alice, monkeypatch):
    file = stored_file(alice, "large.txt", b"x" * 1000)
    monkeypatch.setattr(exports, "MIN_BYTES_PER_S", 10)
    row = exports.ask(alice.id)
    make_exports()
    data = export_files.read_range(Export.objects.get(id=row.id), 0, 1_000_000)
    with ZipFile(BytesIO(data)) as archive:
        [left] = json.loads(archive.read("files_left_out.json"))
    assert left == {"path": f"files/{file.id}/large.txt", "reason": "no room"}


def test_another_worker_writes_what_a_dead_one_had_claimed(alice):
    row = exports.ask(alice.id)
    claim(Export.objects.filter(id=row.id), limit=1, lease=exports.LEASE)
    make_exports()
    assert (the_one().state, files()) == (State.WAITING, [])
    lapse(row)
    make_exports()
    assert (the_one().state, files()) == (State.READY, [f"{row.id}-2.zip"])


def test_a_worker_that_lost_its_claim_leaves_the_file_of_the_next_one(
    alice, monkeypatch, mailoutbox
):
    User.objects.filter(id=alice.id).update(email="alice@example.org")
    row = exports.ask(alice.id)
    write = exports.write_archive

    def slowly(user_id, file, **more):
        monkeypatch.setattr(exports, "write_archive", write)
        lapse(row)
        exports.make_due()
        file.write(b"of the first worker")

    monkeypatch.setattr(exports, "write_archive", slowly)
    exports.make_due()
    assert files() == [f"{row.id}-2.zip"]
    assert content(signed_in(alice).get(path_of(row))).startswith(b"PK")
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("reason", ["broken", "slow"])
def test_an_export_that_cannot_be_written_is_given_up(alice, monkeypatch, reason):
    def broken(*given, **more):
        raise OSError("No space left on device")

    if reason == "broken":
        monkeypatch.setattr(type(object_storage()), "put", broken)
    else:
        monkeypatch.setattr(exports, "WRITE_TIMEOUT_S", -1)
    row = exports.ask(alice.id)
    for _ in range(exports.MAX_ATTEMPTS):
        make_exports()
        assert the_one().state == State.WAITING
        lapse(row)
    make_exports()
    assert (the_one().state, files()) == (State.FAILED, [])
    client = signed_in(alice)
    assert "It could not be collected." in client.get(PAGE).content.decode()
    assert client.get(path_of(row)).status_code == 404
    assert exports.ask(alice.id).id != row.id


def test_an_account_that_is_closed_meanwhile_gets_no_export(alice, monkeypatch):
    User.objects.filter(id=alice.id).update(email="alice@example.org")
    write = exports.write_archive

    def meanwhile(user_id, file, **more):
        write(user_id, file, **more)
        accounts.deactivate(user_id)
        # The worker still writes it, so its row stays.
        delete_expired_exports()
        assert Export.objects.exists()

    monkeypatch.setattr(exports, "write_archive", meanwhile)
    exports.ask(alice.id)
    make_exports()
    assert files() == []
    assert the_one().state == State.WAITING


def test_the_file_is_private(alice, folder):
    made(alice)
    [file] = folder.rglob("*.zip")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_it_is_stored_in_a_bucket(alice, bucket):
    row = made(alice)
    [export] = objects.listing("exports/")
    assert export.size == row.size
    assert content(signed_in(alice).get(path_of(row))).startswith(b"PK")
    Export.objects.update(expires_at=timezone.now())
    delete_expired_exports()
    assert [*objects.listing("exports/")] == []
