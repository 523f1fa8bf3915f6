"""Drills: a backup is restored beside the installation, and compared."""

from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.backups import catalogue
from apps.backups.actions.drill import drill
from apps.backups.errors import BackupError, NoIdentity
from apps.backups.gateways import restoring
from apps.backups.manifest import name_of
from apps.backups.models import Backup
from apps.backups.queries import newest
from apps.backups.time_limit import TimeLimit
from apps.files.gateways import objects
from tests.support.servers import stores

DATABASES = "SELECT datname FROM pg_database WHERE datname LIKE '%_drill'"


def database_names():
    with psycopg.connect(stores()["DATABASE_URL"]) as session:
        return [name for (name,) in session.execute(DATABASES)]


@pytest.fixture
def prove(tmp_path, lines):
    """Drill the newest backup."""

    def run(backup=catalogue.LATEST, **options):
        return drill(str(tmp_path / "backups"), backup, say=lines.append, **options)

    return run


@pytest.fixture
def scheduled(settings, tmp_path):
    """The server makes backups by itself."""
    settings.BACKUP_TO = str(tmp_path / "backups")
    # What the process of a drill takes for its server.
    settings.DATABASE_URL = stores()["DATABASE_URL"]


def listed():
    """What `manage.py backup list` prints."""
    out = StringIO()
    call_command("backup", "list", stdout=out)
    return out.getvalue().rstrip()


def test_a_drill_proves_a_backup_and_leaves_nothing(world, make, prove, scheduled, key, settings):
    before = {each.key for each in objects.listing("")}
    settings.BACKUP_IDENTITY = str(key)
    make(recipients=[str(key.to_public())])
    assert newest.lateness() == "unproven"
    assert newest.drill_due() is not None
    with pytest.raises(NoIdentity):
        prove()
    assert listed().endswith(" encrypted, unproven")
    prove(identity=str(key))
    assert listed().endswith(" encrypted, proven")
    row = Backup.objects.get()
    assert row.is_proven
    assert row.drill_seconds > 0
    assert newest.lateness() == ""
    assert newest.drill_due() is None
    assert database_names() == []
    assert {each.key for each in objects.listing("")} == before


def test_the_schedule_counts_only_backups_at_its_destination(make, scheduled, tmp_path, db):
    elsewhere = str(tmp_path / "elsewhere")
    make(elsewhere)
    assert newest.is_backup_due()
    assert newest.drill_due() is None
    assert newest.lateness() == "none"
    with pytest.raises(CommandError, match="no --to"):
        call_command("backup", "due", "--to", elsewhere)
    made = make()
    assert not newest.is_backup_due()
    assert newest.drill_due().id == made.id
    assert newest.status().newest.id == made.id
    # A newer one elsewhere hides no damage here: the next one here reads all copies again.
    Backup.objects.update(drill_problem="objects/plain/x of the backup is damaged.")
    make(elsewhere)
    assert newest.lateness() == "damaged"
    assert newest.has_damaged_copies(newest.scheduled_destination())
    assert not newest.has_damaged_copies(elsewhere)
    # A new installation records what is there with its first backup, whole or not.
    Backup.objects.all().delete()
    damaged = make()
    Backup.objects.all().delete()
    shorten(tmp_path / "backups" / name_of(damaged.id))
    assert {make().id, made.id} == set(Backup.objects.values_list("id", flat=True))


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def shorten(path):
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("of", "harm", "said"),
    [
        ("tables/chats_message.0001.gz", damage, "chats_message.0001.gz of the backup is damaged"),
        ("tables/chats_message.0001.gz", shorten, "is cut off: it has"),
        ("objects/plain/files/*/original", damage, "original of the backup is damaged"),
        ("plain-files.00001.jsonl", damage, "plain-files.00001.jsonl of the backup is damaged"),
        ("manifest.json", shorten, "The manifest of the backup is damaged"),
    ],
)
def test_a_drill_finds_what_was_changed(world, make, prove, scheduled, tmp_path, of, harm, said):
    make()
    path = next((tmp_path / "backups").rglob(of))
    harm(path)
    row = Backup.objects.get()
    with pytest.raises(BackupError, match=said):
        prove(row.id)
    row.refresh_from_db()
    assert newest.drill_due() is None
    assert said in row.drill_problem
    assert not row.is_proven
    assert newest.lateness() == "damaged"


def test_a_role_that_may_create_no_database_is_told_so(world, make, prove, scheduled, monkeypatch):
    make()
    with psycopg.connect(stores()["DATABASE_URL"], autocommit=True) as session:
        session.execute("CREATE ROLE humble LOGIN IN ROLE pg_read_all_data")
        try:
            monkeypatch.setitem(connection.settings_dict, "USER", "humble")
            with pytest.raises(BackupError, match="permission denied to create database"):
                prove()
        finally:
            session.execute("DROP ROLE humble")


@pytest.mark.parametrize(
    ("end", "is_late"),
    # Nothing is called after the second one, as after a kill.
    [(MemoryError, "damaged"), (SystemExit, "unproven")],
)
def test_a_drill_that_ends_unexpectedly_is_not_due_at_once(
    world, make, prove, scheduled, monkeypatch, end, is_late
):
    make()

    def fail(*_):
        raise end

    monkeypatch.setattr("apps.backups.actions.drill.check_parts", fail)
    with pytest.raises(end):
        prove()
    assert newest.drill_due() is None
    assert newest.lateness() == is_late
    row = Backup.objects.get()
    assert bool(row.drill_problem) == (is_late == "damaged")
    assert not row.is_proven
    # A kill takes no proof away, and does not make it newer; a failure does take it away.
    then = timezone.now() - timedelta(days=30)
    Backup.objects.update(drilled_at=then, drill_began_at=then, drill_problem="")
    assert newest.drill_due() == row
    with pytest.raises(end):
        prove()
    row = Backup.objects.get()
    assert row.is_proven == (end is SystemExit)
    assert (row.drilled_at == then) == (end is SystemExit)
    assert newest.drill_due() is None
    assert newest.lateness() == is_late


def test_a_drill_that_takes_too_long_fails(
    world, make, prove, scheduled, lines, monkeypatch, let_time_pass
):
    make()
    with monkeypatch.context() as patch:
        patch.setattr(TimeLimit, "seconds_left", lambda _: 0.01)
        with pytest.raises(BackupError, match="The drill took more than 12 hours"):
            prove()
    assert "more than 12 hours" in Backup.objects.get().drill_problem
    assert database_names() == []
    # Also while it reads the parts.
    lines.clear()
    monkeypatch.setattr(restoring, "refuse_other_release", let_time_pass)
    with pytest.raises(BackupError, match="The drill took more than 12 hours"):
        prove()
    assert lines == []


def test_a_backup_of_a_former_installation_is_drilled_too(world, make, prove, scheduled, tmp_path):
    make()
    Backup.objects.all().delete()
    damage(next((tmp_path / "backups").rglob("chats_message.0001.gz")))
    with pytest.raises(BackupError, match="damaged"):
        prove()
    assert Backup.objects.get().state == "complete"
