"""How long a backup, its restore, an export and an import take, and how much memory:

python -m bench.backups 1000000 1000

Both numbers are of messages, and of files of 10 MB. Needs three times the room of the files under
TMPDIR. Prints a line for each command as it ends; fails if a number or a hash differs.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from bench.stack import Stores, stores

CHATS, FILE_BYTES, MIB = 100, 10_000_000, 1024
# Rows that a restore must bring back, whatever else the tables have.
COUNTED = ("chats_message", "chats_chat", "chats_member", "files_file", "files_storedobject")


@dataclass(frozen=True)
class Installation:
    """One database of the stores with its folder of files."""

    stores: Stores
    database: str
    files: Path

    @property
    def environment(self) -> dict[str, str]:
        """Of its processes."""
        own = {"FILES_ROOT": str(self.files), "DATABASE_TIMEOUT": "0"}
        settings = {"DJANGO_SETTINGS_MODULE": "chatproject.settings"}
        return self.stores.environment(self.database) | own | settings

    def timed(self, name: str, *command: str) -> None:
        """Run a management command and print how long it took. Raises SystemExit if it fails."""
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "manage.py", *command],
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        processor = used.ru_utime + used.ru_stime
        print(
            f"{name}: {time.monotonic() - began:.0f} s, processor {processor:.0f} s,"
            f" peak memory {used.ru_maxrss / MIB:.0f} MiB, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        if process.returncode:
            sys.exit(f"{name} failed")

    def counts(self) -> dict[str, int]:
        """How many rows the counted tables have."""
        with psycopg.connect(self.stores.url(self.database)) as session:
            return {
                name: _number(session, sql.SQL("SELECT count(*) FROM {}"), name) for name in COUNTED
            }

    def beside(self, name: str, *, migrated: bool) -> "Installation":
        """Another installation, without rows."""
        made = replace(self, database=name, files=self.files.with_name(name))
        made.stores.make_database(name)
        if migrated:
            made.timed(f"migrate {name}", "migrate", "-v0")
        return made


def _number(session: psycopg.Connection, statement: sql.SQL, table: str) -> int:
    row = session.execute(statement.format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


def measure(source: Installation, folder: Path, messages: int, files: int) -> None:
    """Run the commands one after the other."""
    source.stores.make_database(source.database)
    source.timed("migrate", "migrate", "-v0")
    fill = [sys.executable, "-m", "bench.product.kept", str(messages), str(files)]
    subprocess.run(fill, env=source.environment, check=True)
    print(f"filled: {source.counts()}", flush=True)
    _back_up(source, str(folder / "backups"))
    _take_along(source, folder)


def _back_up(source: Installation, where: str) -> None:
    source.timed("backup", "backup", "--to", where)
    source.timed("next backup", "backup", "--to", where)
    target = source.beside("restored", migrated=False)
    target.timed("restore", "restore", "--from", where)
    if target.counts() != source.counts():
        sys.exit(f"other counts: {source.counts()}, {target.counts()}")
    different = [path for path in _files(source.files) if not _same(path, source, target)]
    if different:
        sys.exit(f"{len(different)} files differ")
    print(f"restored: the same counts, {len(_files(source.files))} files byte by byte", flush=True)
    shutil.rmtree(where)
    shutil.rmtree(target.files, ignore_errors=True)


def _take_along(source: Installation, folder: Path) -> None:
    # The files of a backup are the same work: an archive names those that messages show.
    source.timed("export", "archive", "export", str(folder / "first"), "--all")
    target = source.beside("imported", migrated=True)
    target.timed("check", "archive", "check", str(folder / "first"))
    target.timed("import", "archive", "import", str(folder / "first"))
    target.timed("import again", "archive", "import", str(folder / "first"))
    target.timed("export again", "archive", "export", str(folder / "second"), "--all")
    found = filecmp.dircmp(folder / "first", folder / "second")
    entries = filecmp.dircmp(folder / "first" / "entries", folder / "second" / "entries")
    different = [*found.diff_files, *entries.diff_files, *found.left_only, *found.right_only]
    print(f"exported again: {len(entries.common)} chats, other files: {different}", flush=True)
    if different:
        sys.exit(1)


def _files(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


def _same(path: Path, source: Installation, target: Installation) -> bool:
    copy = target.files / path.relative_to(source.files)
    return copy.is_file() and filecmp.cmp(path, copy, shallow=False)


def main() -> None:
    """In a folder that is deleted at the end."""
    messages, files = (int(each) for each in sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as work, stores() as running:
        folder = Path(work)
        measure(Installation(running, "kept", folder / "source"), folder, messages, files)


if __name__ == "__main__":
    main()
