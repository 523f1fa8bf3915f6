"""What happens while a backup is made, and to old and killed ones."""

from collections import deque
from datetime import timedelta
from io import BytesIO
from itertools import count
from threading import Barrier

import pytest
from django.utils import timezone

from apps.backups import catalogue, manifest
from apps.backups.actions import make as making
from apps.backups.actions.prune import prune
from apps.backups.errors import BackupError
from apps.backups.gateways import encryption, sessions
from apps.backups.gateways.destination import Destination, destination
from apps.backups.gateways.parts import Vault
from apps.backups.gateways.snapshot import Snapshot
from apps.backups.models import Backup
from apps.backups.queries import newest
from apps.backups.tasks import start_due
from apps.files.actions import deletion
from apps.files.gateways import objects
from apps.files.models import StoredObject
from tests.backups.conftest import CONTENTS


def names(path):
    return {each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file()}


def test_no_object_is_deleted_while_a_backup_runs(world):
    doomed = "files/doomed/original"
    StoredObject.objects.create(key=doomed, size=1, doomed_at=timezone.now())
    objects.put(doomed, BytesIO(b"x"))
    with sessions.running(hold_deletions=True):
        deletion.delete_unused()
        assert objects.has_size(doomed, 1)
    deletion.delete_unused()
    assert not objects.has_size(doomed, 1)


def test_two_backups_do_not_run_at_once(world, make):
    with sessions.running(), pytest.raises(BackupError, match="Another backup, restore"):
        make()
    assert not Backup.objects.exists()


def test_a_backup_whose_locks_were_lost_is_none(world, make, tmp_path, monkeypatch):
    write = making._Making._write_settings

    def end_session(*_):
        with sessions.transaction() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                " AND objid = %s"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                [sessions.RUNNING_NUMBER],
            )
        return write(*_)

    monkeypatch.setattr(making._Making, "_write_settings", end_session)
    with pytest.raises(BackupError, match="ended the session"):
        make(keys_in_clear=True)
    assert catalogue.backups(destination(str(tmp_path / "backups"))) == []
    assert Backup.objects.get().state == "failed"


def test_a_backup_that_takes_too_long_fails(world, make, monkeypatch, let_time_pass):
    tables = Snapshot.tables

    def late(snapshot):
        let_time_pass()
        return tables(snapshot)

    monkeypatch.setattr(Snapshot, "tables", late)
    with pytest.raises(BackupError, match="The backup took more than 12 hours"):
        make()
    row = Backup.objects.get()
    assert (row.state, row.problem) == ("failed", "The backup took more than 12 hours.")


def test_a_run_that_hangs_loses_its_locks(db, settings, monkeypatch):
    settings.BACKUP_TO = ""
    monkeypatch.setattr(sessions, "OVERDUE_S", 0.0)
    rows = "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO STDOUT"

    def hang():
        with (
            sessions.running(hold_deletions=True) as lock,
            sessions.transaction("REPEATABLE READ, READ ONLY") as cursor,
            cursor.copy(rows) as copy,
        ):
            copy.read()
            start_due()  # while PostgreSQL waits until the next rows are read
            assert not sessions.is_running()
            with pytest.raises(BackupError, match="ended the session"):
                sessions.refuse_lost(lock)
            deque(copy, maxlen=0)

    with pytest.raises(BackupError, match="PostgreSQL has refused"):
        hang()


def test_the_next_backup_goes_on_after_one_that_died(world, make, tmp_path, monkeypatch):
    put, copies = Vault.put, count()
    # Files are copied several at a time: all three are begun before one ends, or this fails.
    together = Barrier(3, timeout=60)

    def dying(vault, name, file):
        if name.startswith("objects/"):
            together.wait()
            if next(copies) == 2:
                raise MemoryError("killed")
        return put(vault, name, file)

    monkeypatch.setattr(Vault, "put", dying)
    with pytest.raises(MemoryError):
        make()
    monkeypatch.setattr(Vault, "put", put)
    left = names(tmp_path / "backups")
    assert Backup.objects.get().state == "running"
    made = make()
    assert made.file_count == 3
    assert sorted(Backup.objects.values_list("state", flat=True)) == ["complete", "failed"]
    # The copies stay, the rows of the dead one go.
    now = names(tmp_path / "backups")
    assert {name for name in left & now if name.startswith("backups/")} == set()
    assert {name for name in left if name.startswith("objects/")} <= now


def test_a_backup_that_died_after_its_manifest_is_complete(world, make, monkeypatch):
    def die(*_):
        raise MemoryError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(making, "record_found", die)
        with pytest.raises(MemoryError):
            make()
    first = Backup.objects.get()
    assert first.state == "running"
    make()
    first.refresh_from_db()
    assert (first.state, first.files) == ("complete", 3)


def test_records_follow_what_the_destination_has(world, make, tmp_path, monkeypatch, lines):
    where, put = str(tmp_path / "backups"), Destination.put_bytes

    def store_and_fail(at, name, content):
        put(at, name, content)
        raise BackupError("timed out")

    with monkeypatch.context() as patch:
        patch.setattr(Destination, "put_bytes", store_and_fail)
        with pytest.raises(BackupError, match="timed out"):
            make()
    stored = Backup.objects.get()
    elsewhere = Backup.objects.create(
        id="elsewhere", destination="/elsewhere", encrypted=False, began_at=timezone.now()
    )
    assert stored.state == "failed"
    prune(where, keep=1, say=lines.append)
    stored.refresh_from_db()
    assert (stored.state, stored.problem, stored.files) == ("complete", "", 3)
    # A prune that was killed after it had deleted the manifest.
    (tmp_path / "backups" / manifest.name_of(stored.id)).unlink()
    make()
    for row, state in ((stored, "deleted"), (elsewhere, "running")):
        row.refresh_from_db()
        assert row.state == state


def test_a_file_that_the_storage_has_lost_is_named(world, make, lines):
    [lost, *_] = world.contents
    objects.delete([lost])
    made = make()
    assert made.missing == [lost]
    assert made.file_count == 2
    assert f"missing at the file storage, so not in the backup: {lost}" in lines


def test_old_backups_go_with_the_files_that_no_newer_one_has(world, make, tmp_path, lines):
    first = make()
    second = make()
    where = str(tmp_path / "backups")
    stray = tmp_path / "backups/objects/plain/files/gone/original"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of a file that was deleted")
    assert prune(where, keep=1, say=lines.append) == [first.id]
    assert catalogue.backups(destination(where)) == [second.id]
    assert not stray.exists()
    assert {name for name in names(tmp_path / "backups") if "objects/" in name} == {
        f"objects/plain/{key}" for key in world.contents
    }
    assert not any(first.id in name for name in names(tmp_path / "backups"))
    assert Backup.objects.get(id=first.id).state == "deleted"
    assert prune(where, keep=0, say=lines.append) == []


def test_the_newest_proven_backup_is_kept(world, make, lines, tmp_path):
    first, second, third = make(), make(), make()
    Backup.objects.filter(id=second.id).update(drilled_at=timezone.now())
    Backup.objects.filter(id=third.id).update(drilled_at=timezone.now(), drill_problem="damaged")
    where = str(tmp_path / "backups")
    assert prune(where, keep=1, say=lines.append) == [first.id]
    for each in catalogue.files_of(destination(where), second):
        assert (tmp_path / "backups" / each.copy.name).exists()


def test_a_destination_that_is_away_is_recorded_and_not_asked_at_once(world, make, settings):
    settings.BACKUP_TO = "/proc/nowhere"
    with pytest.raises(BackupError, match="/proc/nowhere cannot be"):
        make(settings.BACKUP_TO)
    assert "/proc/nowhere cannot be" in newest.status().problem
    assert not newest.is_backup_due()


def test_a_damaged_list_of_files_does_not_stop_the_next_backup(world, make, tmp_path):
    made = make()
    [part] = made.files
    (tmp_path / "backups" / part.name).write_bytes(b"{")
    assert make().files[0].sha256 == part.sha256


@pytest.mark.parametrize("harm", [b"", b"x" * len(CONTENTS[0])])
def test_a_damaged_copy_is_copied_again(world, make, tmp_path, lines, harm):
    where = destination(str(tmp_path / "backups"))
    [copy] = [e.copy for e in catalogue.files_of(where, make()) if e.size == len(CONTENTS[0])]
    path = tmp_path / "backups" / copy.name
    path.write_bytes(harm)
    # As a drill records it; a copy that is cut off is seen without one.
    Backup.objects.update(drill_problem=f"{copy.name} of the backup is damaged." if harm else "")
    make()
    assert path.read_bytes() == CONTENTS[0]
    assert f"{copy.name} is damaged, and copied again" in lines


def test_a_disk_without_room_is_no_unknown_error(key):
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
        encryption.encrypt(BytesIO(b"x" * 1_000_000), full, [key.to_public()])


def test_a_bucket_takes_backups(world, make, bucket, settings, lines):
    for key, content in world.contents.items():
        objects.put(key, BytesIO(content))
    settings.BACKUP_BUCKET = {
        "endpoint_url": bucket["S3_ENDPOINT_URL"],
        "access_key": bucket["S3_ACCESS_KEY_ID"],
        "secret_key": bucket["S3_SECRET_ACCESS_KEY"],
        "region_name": bucket["S3_REGION"],
    }
    where = f"s3://{bucket['S3_BUCKET']}/of the chat"
    made = make(where)
    at = destination(where)
    assert catalogue.load(at) == made
    for each in catalogue.files_of(at, made):
        with at.open(each.copy) as file:
            assert file.read() == world.contents[each.key]
    make(where)
    assert prune(where, keep=1, say=lines.append) == [made.id]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("", "No destination: set BACKUP_TO"),
        ("{tmp_path}/file", "is a file"),
        ("{tmp_path}/file/below", "cannot be listed: .*Not a directory|cannot be written"),
    ],
)
def test_a_wrong_destination_is_said(world, make, tmp_path, where, said):
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match=said):
        make(where.format(tmp_path=tmp_path))


def test_a_wrong_recipient_is_said(world, make):
    with pytest.raises(BackupError, match="no public key of age"):
        make(recipients=["age1nobody"])


def test_backups_are_due_by_the_schedule(db, settings):
    settings.BACKUP_TO = ""
    assert not newest.is_backup_due()
    settings.BACKUP_TO = "/backups"
    assert newest.is_backup_due()
    assert newest.lateness() == "none"
    now = timezone.now()

    def backup(name, hours, state="complete"):
        at = now - timedelta(hours=hours)
        return Backup.objects.create(
            id=name,
            destination="/backups",
            encrypted=False,
            state=state,
            began_at=at,
            point_at=at,
        )

    backup("a", 25)
    assert newest.is_backup_due()
    assert newest.lateness() == "unproven"
    Backup.objects.update(drilled_at=now)
    assert newest.lateness() == ""
    # One that has failed a short while ago is not tried again at once.
    failed = backup("b", 0, "failed")
    assert not newest.is_backup_due()
    failed.delete()
    backup("c", 23)
    assert not newest.is_backup_due()
    settings.BACKUP_HOURS = 0
    Backup.objects.update(began_at=now - timedelta(days=9))
    assert not newest.is_backup_due()
    settings.BACKUP_HOURS = 12
    assert newest.lateness() == "old"
