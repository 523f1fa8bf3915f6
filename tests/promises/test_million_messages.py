"""What exports, imports, retention, deletions and digests read among a million messages.

Only with `--long`. Prints a line for each: rows of messages that were read by an index, sequential
scans of messages, milliseconds, and the nodes of the plans that read messages.
"""

import os
import time

import pytest
from django.db import connection

from apps.accounts.actions import deletions, erasing
from apps.accounts.actions.export import write_export
from apps.accounts.models import Deletion
from apps.archive.actions.exporting import chats_of, export_to
from apps.archive.actions.importing import import_archive
from apps.archive.queries.timeline import View
from apps.archive.reading import open_source
from apps.chats.actions.expiry import delete_part, enter_indexes
from apps.chats.models import Chat
from apps.chats.queries.digest import unread_chats
from apps.retention.queries.holds import covered
from apps.retention.queries.rules import due_chats, first_kept
from tests.archive.archives import made
from tests.support.fill import fill
from tests.support.people import direct_chat, in_touch, person
from tests.support.plans import cost

MESSAGES, CHATS = int(os.environ.get("BACKUP_MESSAGES", "1000000")), 100
EACH = MESSAGES // CHATS
READ = """
SELECT seq_scan, coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
WHERE relname = 'chats_message'
"""
pytestmark = pytest.mark.timeout(3_600)


def counted():
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return cursor.fetchone()


def build():
    """A person with a hundred chats, and another person in each."""
    one = person("large")
    others = [person(f"p{number}") for number in range(CHATS)]
    chats = []
    for other in others:
        in_touch(one, other)
        chats.append(direct_chat(one, other))
        fill(chats[-1], other.id, end=EACH)
    with connection.cursor() as cursor:
        # Workers that help would count by themselves.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute("ANALYZE")
    return one, others, chats


def nodes(read):
    """The indexes and sequential scans that read messages."""
    found = {node for names, _ in cost(read) for node in names if "message" in node.lower()}
    return ", ".join(sorted(found))


def test_nothing_reads_all_messages_to_find_some(db, long, folder, tmp_path, settings):
    if not long:
        pytest.skip("only with --long")
    one, others, chats = build()
    chat = Chat.objects.get(id=chats[0])
    lines = []

    def does(name, work, most):
        scans, rows = counted()
        began = time.monotonic()
        work()
        taken = time.monotonic() - began
        more_scans, more_rows = counted()
        lines.append((name, more_rows - rows, more_scans - scans, taken * 1000))
        assert more_scans == scans, f"{name} reads messages in sequence"
        assert more_rows - rows <= most, f"{name} reads {more_rows - rows} messages"

    def digest():
        return unread_chats(one.id, locale="en", texts=True, told=True)

    def cut():
        delete_part(chat.id, before=EACH // 2, days=30)

    def erase():
        Deletion.objects.update(due_at="2020-01-01T00:00:00Z")
        erasing.erase_due(others[2].id)

    with open_source(made().write(tmp_path / "made")) as source:
        does("import of an archive of 3 entries", lambda: import_archive(source, say=print), 100)
    does("archive of one chat", lambda: export_to(tmp_path / "one", [chat.id]), 3 * EACH)
    mine = View(others[1].id)
    does(
        "archive of a person with one chat",
        lambda: export_to(tmp_path / "person", chats_of(others[1].id), mine),
        3 * EACH,
    )
    data = tmp_path / "data.zip"
    does("data of a person, who wrote a hundredth",
         lambda: write_export(others[1].id, data, finished=lambda *_: None), 3 * EACH)  # fmt: skip
    does("chats whose beginning is too old", lambda: due_chats(limit=200), 2 * CHATS)
    does("where a rule of 30 days cuts a chat", lambda: first_kept(chat, 30), 100)
    enter_indexes(chat.id)
    does("one part of a cut (500 entries)", cut, 20_000)
    does("holds that cover a hundred chats", lambda: covered(chats), 0)
    does("digest of a person with a hundred unread chats", digest, CHATS * 2_000)
    deletions.ask(others[2].id)
    does("deletion of an account that wrote a hundredth", erase, 3 * EACH)
    reads = {
        "digest": digest,
        "too old": lambda: due_chats(limit=200),
        "cut": lambda: first_kept(chat, 30),
        "archive": lambda: export_to(tmp_path / "again", [chats[3]]),
    }
    print(f"\nmessages={MESSAGES}")
    for name, rows, scans, taken in lines:
        print(f"| {name} | {rows} | {scans} | {taken:.0f} |")
    for name, read in reads.items():
        print(f"| {name} | {nodes(read)} |")
