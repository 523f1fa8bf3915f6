"""Backups that are made while people write, killed at any point, or large. Only with `--long`."""

import asyncio
import os
import time
from datetime import UTC, datetime

import psycopg
import pytest

from apps.backups import catalogue
from apps.backups.gateways.destination import destination
from apps.chats.models import Message
from tests.backups.conftest import Source, Target, build
from tests.promises.dying import DYING
from tests.promises.sending import deliver
from tests.support.fill import fill
from tests.support.ledger import Ledger
from tests.support.people import direct_chat, in_touch, person
from tests.support.storages import store_in
from tests.support.uploads import stored_file

WRITERS, EACH_PER_SECOND = 6, 20
BACKUP_POINTS = (
    "apps.backups.gateways.destination:Destination.put:1",
    "apps.backups.gateways.destination:Destination.put:5",
    "apps.backups.actions.make:delete_incomplete:1",
    "apps.backups.actions.make:_Making._write_table:40",
    "apps.backups.actions.make:_Making._copy_file:1",
    "apps.backups.actions.make:_Making._copy_file:3",
    "apps.backups.actions.make:_Making._write_list:1",
    "apps.backups.gateways.sessions:refuse_lost:1",
    "apps.backups.manifest:encode:1",
    "apps.backups.actions.make:record_found:1",
)
RESTORE_POINTS = (
    "apps.backups.gateways.restoring:begin:1",
    "apps.backups.actions.restore:_copy:2",
    "apps.backups.gateways.restoring:migrate:1",
    "apps.backups.gateways.restoring:Load.begin:1",
    "apps.backups.gateways.restoring:Load.fill:1",
    "apps.backups.gateways.restoring:Load.fill:30",
    "apps.backups.gateways.restoring:Load.finish:1",
    "apps.backups.gateways.restoring:_compare:100",
    "apps.backups.gateways.restoring:migrate_to_this_release:1",
    "apps.backups.gateways.restoring:finish:1",
)
# After the restore: the database can be served, and workers go on with the index.
INDEX = "apps.chats.gateways.search.indexer"
WHILE_INDEXING = f"{INDEX}:_locked:1"
MARKED = "SELECT to_regclass('backups_unfinished_restore') IS NOT NULL"
GAPS = """
SELECT count(*) FROM chats_chat c WHERE last_seq <> (
    SELECT count(*) FROM chats_message m WHERE m.chat_id = c.id AND m.seq <= c.last_seq)
"""


# Each starts more than twenty processes, or stores gigabytes.
pytestmark = pytest.mark.timeout(3_600)


@pytest.fixture(autouse=True)
def _only_long(long):
    if not long:
        pytest.skip("only with --long")


@pytest.fixture
def target(tmp_path):
    made = Target(tmp_path / "restored files")
    yield made
    made.drop()


@pytest.fixture
def source(tmp_path):
    return Source(tmp_path / "files")


async def test_a_backup_under_load_is_of_one_moment(
    fresh_servers, cast, device, source, target, tmp_path
):
    servers = fresh_servers(1, SENDS_PER_SECOND="100000")
    devices = [await device(servers[0], cast.alice).join() for _ in range(WRITERS)]
    ledger, sent = Ledger("backup-under-load"), []
    enough, first = asyncio.Event(), time.monotonic()

    async def write(one, number):
        count, last = 0, False
        while not last:
            last = enough.is_set()
            began = time.monotonic()
            text = f"{number} {count}"
            await deliver(one, ledger, chat=cast.chat, text=text)
            sent.append((text, datetime.now(UTC)))
            count += 1
            await asyncio.sleep(max(0, 1 / EACH_PER_SECOND - (time.monotonic() - began)))

    writing = asyncio.gather(*(write(one, n) for n, one in enumerate(devices)))
    done = await asyncio.to_thread(source.manage, "backup", "--to", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr
    # Each writes one more.
    enough.set()
    await writing
    seconds = time.monotonic() - first
    made = catalogue.load(destination(str(tmp_path / "backups")))
    done = await asyncio.to_thread(
        target.manage, "restore", "--from", str(tmp_path / "backups"), "--rows-only"
    )
    assert done.returncode == 0, done.stderr
    assert target.select(GAPS) == 0
    with psycopg.connect(target.url) as session:
        rows = session.execute("SELECT text, created_at FROM chats_message").fetchall()
    there = {text for text, _ in rows}
    acknowledged = {text for text, at in sent if at < made.point_at}
    assert acknowledged <= there
    assert all(at <= made.point_at for _, at in rows)
    print(
        f"\nsent={len(sent)} per_second={len(sent) / seconds:.0f} "
        f"before_the_point={len(acknowledged)} restored={len(rows)} gaps=0"
    )
    assert 0 < len(rows) < len(sent)


def test_kills_leave_nothing_half_done(db, settings, source, target, tmp_path):
    store_in(settings, source.folder)
    world = build()
    # Live tests before this one leave theirs.
    messages = Message.objects.count()
    where = tmp_path / "backups"
    at = destination(str(where))
    for point in BACKUP_POINTS:
        before = len(catalogue.backups(at))
        done = source.manage(point, "backup", "--to", str(where), program=("-c", DYING))
        assert done.returncode == -9, (point, done.stderr)
        # All or nothing.
        expected = before + (point == BACKUP_POINTS[-1])
        assert len(catalogue.backups(at)) == expected, point
    done = source.manage("backup", "--to", str(where))
    assert done.returncode == 0, done.stderr
    assert catalogue.incomplete(at) == {}
    assert {each.key for each in at.listing("objects/")} == {
        f"objects/plain/{key}" for key in world.contents
    }
    restore = ("restore", "--from", str(where))
    for point in RESTORE_POINTS:
        done = target.manage(point, *restore, program=("-c", DYING), **target.settings)
        assert done.returncode == -9, (point, done.stderr)
        assert target.select(MARKED) == (point != RESTORE_POINTS[0]), point
        if target.select(MARKED):
            served = target.manage("database", program=("-m", "chatproject.run.release"))
            assert "unfinished" in served.stderr, point
    done = target.manage(WHILE_INDEXING, *restore, program=("-c", DYING), **target.settings)
    assert done.returncode == -9, done.stderr
    assert not target.select(MARKED)
    assert target.select("SELECT count(*) FROM chats_message") == messages
    assert target.select("SELECT count(*) FROM chats_searchable") == 0
    index = f"{INDEX}.catch_up_all_chats"
    done = target.manage("", index, program=("-c", DYING), **target.settings)
    assert done.returncode == 0, done.stderr
    assert target.select("SELECT count(*) FROM chats_searchable") == messages
    assert {key: (target.folder / key).read_bytes() for key in world.contents} == world.contents
    print(f"\nkills={len(BACKUP_POINTS) + len(RESTORE_POINTS) + 1} half_done=0")


MESSAGES = int(os.environ.get("BACKUP_MESSAGES", "1000000"))
FILES, FILE_BYTES = int(os.environ.get("BACKUP_FILES", "100")), 10_000_000
CHATS = 100


def test_a_large_installation(db, settings, source, target, tmp_path):
    """Prints how long a backup, the next one and a restore take."""
    store_in(settings, source.folder)
    alice = person("large")
    for number in range(CHATS):
        other = person(f"p{number}")
        in_touch(alice, other)
        fill(direct_chat(alice, other), alice.id, end=MESSAGES // CHATS)
    for _ in range(FILES):
        stored_file(alice, "noise", os.urandom(FILE_BYTES))
    where, found = str(tmp_path / "backups"), {}

    def timed(name, of, *command):
        began = time.monotonic()
        done = of.manage(*command)
        found[name] = time.monotonic() - began
        assert done.returncode == 0, done.stderr

    timed("backup_s", source, "backup", "--to", where)
    timed("next_backup_s", source, "backup", "--to", where)
    timed("restore_s", target, "restore", "--from", where)
    made = catalogue.load(destination(where))
    [messages] = [table.rows for table in made.tables if table.name == "chats_message"]
    assert target.select("SELECT count(*) FROM chats_message") == messages >= MESSAGES
    size = sum(part.size for part in made.parts)
    print(
        f"\nmessages={messages} rows={made.rows} rows_bytes={size} files={made.file_count} "
        f"file_bytes={made.file_bytes}",
        *(f"{name}={seconds:.1f}" for name, seconds in found.items()),
    )
