"""What `manage.py doctor` finds, and the examinations that need no network."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import (
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.db.migrations.executor import MigrationExecutor
from msgspec import Struct
from psycopg import errors

from apps.accounts.models import User

OK, WARNING, ERROR = "ok", "warning", "error"
# The oldest PostgreSQL that has all the statements in use.
OLDEST_POSTGRESQL = 15
MAX_CLOCK_DIFFERENCE_S = 2.0
MIN_SECRET_LENGTH = 32
TAKE_SPACE = (
    "CREATE TEMP TABLE parley_space AS SELECT repeat('x', 1000) FROM generate_series(1, 500)"
)
# Below these shares of a disk.
LOW, FULL = 0.10, 0.02


class Finding(Struct, frozen=True):
    """One line of the doctor. `mend`: what to do, for a warning or an error."""

    name: str
    level: str
    said: str
    mend: str = ""


def of_settings() -> Iterator[Finding]:
    """Settings that are valid, and still wrong."""
    found = list(_of_settings())
    yield from found or [Finding("settings", OK, "the settings fit together")]


def _of_settings() -> Iterator[Finding]:
    for message in checks.run_checks():
        level = ERROR if message.level >= checks.ERROR else WARNING
        yield Finding("settings", level, str(message.msg), str(message.hint or ""))
    public = urlsplit(settings.PUBLIC_URL)
    local = public.hostname in ("localhost", "127.0.0.1", "::1")
    if settings.DEBUG and not local:
        said = "DEBUG is true: strangers see parts of the code and of the settings"
        yield Finding("settings", ERROR, said, "Remove DEBUG.")
    if public.scheme != "https" and not local:
        said = f"PUBLIC_URL is {settings.PUBLIC_URL}: without https, browsers refuse notifications"
        mend = "Put a proxy with TLS before the server, and set PUBLIC_URL to its https address."
        yield Finding("settings", ERROR, said, mend)
    if public.scheme == "https" and not settings.TRUSTED_PROXIES:
        said = "PUBLIC_URL is https, and TRUSTED_PROXIES is empty: limits count all as one address"
        mend = "Set TRUSTED_PROXIES to the address of the proxy that ends TLS."
        yield Finding("settings", WARNING, said, mend)
    if len(settings.SECRET_KEY) < MIN_SECRET_LENGTH:
        said = f"SECRET_KEY has fewer than {MIN_SECRET_LENGTH} characters"
        yield Finding("settings", WARNING, said, "Set it to: openssl rand -base64 48")
    if not settings.VAPID_PRIVATE_KEY:
        said = "VAPID_PRIVATE_KEY is not set: nobody gets pushes"
        yield Finding("settings", WARNING, said, "Set it to the output of: manage.py vapidkey")


def of_database() -> Iterator[Finding]:
    """The version, the collation, the migrations and the clock. Raises Error of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        [version] = cursor.fetchone()
        yield _version(version)
        if version < OLDEST_POSTGRESQL:
            return  # the other questions need columns that it does not have
        cursor.execute(
            "SELECT pg_encoding_to_char(encoding), datcollversion,"
            " pg_database_collation_actual_version(oid),"
            " extract(epoch FROM clock_timestamp())"
            " FROM pg_database WHERE datname = current_database()"
        )
        encoding, made_with, runs_with, there = cursor.fetchone()
    if encoding != "UTF8":
        mend = "Make a database with the encoding UTF8, and restore a backup into it."
        yield Finding("encoding", ERROR, f"the database is {encoding}, not UTF8", mend)
    if made_with != runs_with:
        said = f"the collation was {made_with} when indexes were made, and is {runs_with} now"
        mend = "REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION."
        yield Finding("collation", WARNING, said, mend)
    else:
        yield Finding("collation", OK, "indexes were made with the collation in use")
    yield _clock(float(there))
    yield from _space()
    yield from _indexes()
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        said = f"{len(pending)} migrations are not applied"
        mend = "Run: python -m chatproject.run.release database (make run: make restart)"
        yield Finding("migrations", ERROR, said, mend)
    else:
        yield Finding("migrations", OK, "all migrations are applied")
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        said = "nobody is an administrator"
        yield Finding("administrator", WARNING, said, "Run: manage.py createadmin")


def _version(version: int) -> Finding:
    said = f"PostgreSQL {version}"
    if version >= OLDEST_POSTGRESQL:
        return Finding("version", OK, said)
    return Finding("version", ERROR, said, f"Upgrade to PostgreSQL {OLDEST_POSTGRESQL} or newer.")


def _space() -> Iterator[Finding]:
    """Whether PostgreSQL finds space for a table of some hundred kilobytes, which nobody keeps."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TAKE_SPACE)
            transaction.set_rollback(True)
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.DiskFull):
            raise
        said = f"PostgreSQL has no space left: {' '.join(str(error).split())}"
        mend = "Free space on its disk, or use a larger one. Until then no message can be sent."
        yield Finding("space", ERROR, said, mend)
    except (InternalError, ProgrammingError):
        return  # it is read-only, or the role may make no temporary tables
    else:
        yield Finding("space", OK, "PostgreSQL finds space for new rows")


def _indexes() -> Iterator[Finding]:
    """Those whose build was stopped: PostgreSQL writes them, and no query uses them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON oid = indexrelid"
            " WHERE NOT indisvalid AND pg_table_is_visible(indexrelid) ORDER BY 1"
        )
        for [name] in cursor.fetchall():
            mend = f"Unless a migration builds it now: REINDEX INDEX CONCURRENTLY {name};"
            yield Finding("indexes", WARNING, f"the index {name} is not complete", mend)


def _clock(there: float) -> Finding:
    differs = abs(time.time() - there)
    if differs <= MAX_CLOCK_DIFFERENCE_S:
        return Finding("clock", OK, "this machine and PostgreSQL have the same time")
    said = f"the clocks of this machine and of PostgreSQL differ by {differs:.0f} s"
    return Finding(
        "clock", ERROR, said, "Let both follow a time server (chrony, systemd-timesyncd)."
    )


def of_disks() -> Iterator[Finding]:
    """The space left where this process writes."""
    folders = {"temporary files": Path(tempfile.gettempdir())}
    if location := settings.STORAGES["default"].get("OPTIONS", {}).get("location"):
        folders["files"] = Path(location)
    for what, folder in folders.items():
        existing = next(each for each in (folder, *folder.parents) if each.exists())
        yield _disk(what, existing, shutil.disk_usage(existing))


def _disk(what: str, folder: Path, usage: "shutil._ntuple_diskusage") -> Finding:
    share = usage.free / usage.total if usage.total else 1.0
    said = f"{share:.0%} of the disk of {what} are free ({folder})"
    level = ERROR if share < FULL else WARNING if share < LOW else OK
    return Finding("disk", level, said, "" if level == OK else "Free space, or use a larger disk.")
