"""Backups that are restored into an empty installation."""

import json

from apps.backups.models import Backup
from apps.wire import epochs

# Ends itself after files and tables, before the keys, once it has tried a second restore.
DYING = """
import os, sys, django
django.setup()
from chatproject.run import keys
def second(*_):
    keys.replace_if_in_use = lambda *_: os.kill(os.getpid(), 9)
    try:
        call_command(*sys.argv[1:])
    except CommandError as error:
        print(error, file=sys.stderr, flush=True)
    os.kill(os.getpid(), 9)
keys.replace_if_in_use = second
from django.core.management import CommandError, call_command
call_command(*sys.argv[1:])
"""
DJANGO = {"DJANGO_SETTINGS_MODULE": "chatproject.settings"}
ROWS = "SELECT count(*) FROM chats_message"


def restored_files(target):
    return {
        path.relative_to(target.folder).as_posix(): path.read_bytes()
        for path in target.folder.rglob("*")
        if path.is_file()
    }


def test_an_encrypted_backup_is_restored_with_rows_files_and_keys(
    world, make, target, key, tmp_path
):
    made = make(recipients=[str(key.to_public())])
    identity = tmp_path / "identity"
    identity.write_text(f"# a comment\n{key}\n")
    command = (
        *("restore", "--from", str(tmp_path / "backups"), "--identity", str(identity)),
        *("--settings-to", str(tmp_path / "settings")),
    )
    # One that dies is not served, and begins again.
    died = target.manage(*command, program=("-c", DYING), **DJANGO)
    assert died.returncode == -9
    assert "stop the server, its workers and other restores" in died.stderr
    served = target.manage("database", program=("-m", "chatproject.run.release"))
    assert served.returncode == 1
    assert "The restore of this database is unfinished" in served.stderr
    done = target.manage(*command)
    assert done.returncode == 0, done.stderr
    assert f"Restored backup {made.id}: {made.rows} rows" in done.stdout
    assert target.select(ROWS) == 50
    assert target.select("SELECT about FROM accounts_user WHERE username = 'bob'") == (
        "Tabs\t, lines\nand \\ all stay."
    )
    assert restored_files(target) == world.contents
    # Clients of the former installation fetch everything again, and search finds.
    assert str(target.select("SELECT id FROM wire_epoch")) != str(epochs.current())
    assert target.select("SELECT count(*) FROM chats_searchable") == 50
    # The admin lists what is at the destination.
    assert target.select("SELECT string_agg(id || state, ' ') FROM backups_backup") == (
        f"{made.id}complete"
    )
    assert (tmp_path / "settings").stat().st_mode & 0o777 == 0o600
    assert "SECRET_KEY=a key that signs" in (tmp_path / "settings").read_text()
    # The destination shows no word and no key.
    stored = b"".join(path.read_bytes() for path in (tmp_path / "backups").rglob("*.age"))
    assert b"some words" not in stored
    assert not list((tmp_path / "backups").rglob("*.gz"))
    # It is no empty installation any more.
    again = target.manage(
        *("restore", "--from", str(tmp_path / "backups")), BACKUP_IDENTITY=str(key)
    )
    assert "This installation has accounts" in again.stderr


def test_files_that_a_backup_has_are_not_copied_again(world, make, lines):
    details = []
    first, second = make(), make(say_details=details.append)
    assert f"rows: {first.rows} of {len(first.tables)} tables" in lines
    assert len(details) == len(second.tables)
    assert not {*details} & {*lines}
    assert first.file_count == second.file_count == 3
    rows = Backup.objects.order_by("began_at")
    assert [each.state for each in rows] == ["complete", "complete"]
    tables = sum(part.size for table in second.tables for part in table.parts)
    assert rows[1].new_bytes == tables


def test_nothing_is_changed_where_a_restore_is_refused(world, make, target, key, tmp_path):
    made = make(recipients=[str(key.to_public())])
    where = ("restore", "--from", str(tmp_path / "backups"))

    def refusal(*arguments):
        done = target.manage(*where, *arguments)
        assert done.returncode == 1
        return done.stderr.splitlines()[-1]

    assert "name the identity" in refusal()
    other = tmp_path / "other"
    other.write_text("AGE-SECRET-KEY-1" + "Q" * 58)
    assert "no private key of age" in refusal("--identity", str(other))
    assert "has no backup 2020" in refusal("2020")
    manifest = tmp_path / "backups" / "backups" / made.id / "manifest.json"
    newer = json.loads(manifest.read_text())
    newer["migrations"].append(["chats", "9999_newer"])
    manifest.write_text(json.dumps(newer))
    assert "newer release, with the migration chats.9999_newer" in refusal()
    manifest.write_text(json.dumps(newer | {"format": 2}))
    assert "has format 2" in refusal()
    assert target.select("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert not target.folder.exists()
