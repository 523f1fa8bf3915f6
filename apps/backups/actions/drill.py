"""Proves a backup: restores its rows into a scratch database, and its files into scratch objects.

Another process restores the rows: a migration that forgets its connection would write into the
database that is served.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from psycopg import sql

from apps.backups import catalogue
from apps.backups.actions.record import record_found
from apps.backups.actions.restore import check_parts
from apps.backups.at_once import several_at_once
from apps.backups.errors import BackupError, NoIdentity
from apps.backups.gateways import encryption, restoring, sessions
from apps.backups.gateways.destination import destination, temporary_file
from apps.backups.gateways.parts import Vault
from apps.backups.manifest import Manifest, StoredFile
from apps.backups.models import Backup
from apps.backups.time_limit import TIMEOUT_S, TimeLimit
from apps.core.errors import StorageUnavailable
from apps.core.storage import delete_objects_older, object_storage

# Objects that are written, read and deleted again; nothing else has this prefix.
SCRATCH = "drill/"
Say = Callable[[str], None]


def drill(where: str, backup: str, *, identity: str = "", into: str = "", say: Say) -> float:
    """Restore a backup for a test, and record how that went. Returns the seconds that it took.

    `identity`: the text of the private keys. `into`: the URL of an empty database; without it, a
    scratch database is made next to the one in use, and dropped. Raises BackupError with what is
    wrong with the backup, also when the drill takes too long.
    """
    began = time.monotonic()
    limit = TimeLimit.begin("The drill")
    at = destination(where, limit)
    with sessions.running():
        try:
            vault = Vault(at, by=encryption.identities(identity) if identity else [])
            found = catalogue.load(at, backup)
            if found.encrypted and not identity:
                raise NoIdentity
            backup = found.id
            record_found(vault.at, found)
            # One that is killed is due again as a failed one is, and takes no proof away.
            Backup.objects.filter(id=backup).update(drill_began_at=Now())
            restoring.refuse_other_release(found)
            check_parts(vault, found, say)
            _drill_files(vault, found, limit, say)
            _drill_rows(where, found, limit, identity=identity, into=into, say=say)
        except NoIdentity:  # says nothing about the backup
            raise
        except Exception as error:  # one that is not recorded would be due again at once
            _record(backup, time.monotonic() - began, str(error) or type(error).__name__)
            raise
        seconds = time.monotonic() - began
        _record(backup, seconds, "")
        say(f"backup {found.id} is proven: {found.rows} rows, {found.file_count} files")
    return seconds


def _record(backup: str, seconds: float, problem: str) -> None:
    """Record the outcome, if the backup is a known one."""
    Backup.objects.filter(id=backup).update(
        drilled_at=Now(), drill_seconds=round(seconds, 1), drill_problem=problem[:500]
    )


def delete_leftovers() -> None:
    """Delete the scratch objects of drills that were killed: those older than a drill may take."""
    delete_objects_older(SCRATCH, timedelta(seconds=TIMEOUT_S))


def _drill_files(vault: Vault, found: Manifest, limit: TimeLimit, say: Say) -> None:
    """Write each file to the storage, read it there, compare, and delete it."""
    storage = object_storage()
    try:
        storage.delete_objects([each.key for each in storage.listing(SCRATCH)])
        files = catalogue.files_of(vault.at, found)
        for _ in several_at_once(partial(_drill_file, vault, each) for each in files):
            limit.seconds_left()
    except StorageUnavailable as error:
        raise BackupError(f"The file storage is away: {error.__cause__}") from error
    say(f"{len(files)} files restored and compared")


def _drill_file(vault: Vault, file: StoredFile) -> None:
    storage, key = object_storage(), f"{SCRATCH}{file.key}"
    with temporary_file() as content:
        vault.restore_file(file.copy, content)
        content.seek(0)
        expected = hashlib.file_digest(content, "sha256").digest()  # type: ignore[arg-type]
        if content.tell() != file.size:
            raise BackupError(f"{file.copy.name} of the backup has another size than its file.")
        storage.put(key, content)
    try:
        with storage.open_object(key) as restored:
            if hashlib.file_digest(restored, "sha256").digest() != expected:  # type: ignore[arg-type]
                raise BackupError(f"{file.key} differs after it was restored.")
    finally:
        storage.delete_objects([key])


def _drill_rows(
    where: str, found: Manifest, limit: TimeLimit, *, identity: str, into: str, say: Say
) -> None:
    if into:
        _restore_rows(where, found, limit, url=into, identity=identity)
    else:
        name = f"{connection.settings_dict['NAME']}_drill"
        _drop(name)
        _create(name)
        try:
            _restore_rows(where, found, limit, url=_beside(name), identity=identity)
        finally:
            _drop(name)
    say(f"{found.rows} rows of {len(found.tables)} tables restored and compared")


def _restore_rows(
    where: str, found: Manifest, limit: TimeLimit, *, url: str, identity: str
) -> None:
    """Run `manage.py restore` on that database, with an empty storage."""
    command = [sys.executable, "manage.py", "restore", found.id, "--from", where, "--rows-only"]
    if identity:
        command += ["--identity", "/dev/stdin"]
    with TemporaryDirectory(dir=settings.FILES_ROOT) as folder:
        own = {"DATABASE_URL": url, "DATABASE_TIMEOUT": "0", "FILES_ROOT": folder}
        try:
            done = subprocess.run(
                command,
                cwd=settings.BASE_DIR,
                env={**os.environ, **own},
                # No file and no environment shows the private key.
                input=identity,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                timeout=limit.seconds_left(),
            )
        except subprocess.TimeoutExpired:
            raise limit.overdue() from None
    if done.returncode != 0:
        last = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise BackupError(last.removeprefix("CommandError: "))


def _beside(name: str) -> str:
    """The URL of a database of the same server."""
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{quote(name)}").geturl()


def _create(name: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
    with sessions.outside_transaction() as cursor:
        cursor.execute(statement.format(sql.Identifier(name)))


def _drop(name: str) -> None:
    """Also one that a killed drill has left."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    with sessions.outside_transaction() as cursor:
        cursor.execute(statement.format(sql.Identifier(name)))
