"""Receipts of many people that arrive together: few transactions, few frames, and each person's
faults are theirs alone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from queue import Queue
from threading import Lock

import pytest
from django.db import connection
from django.utils import timezone

from apps.chats.actions import gathered_receipts as module
from apps.chats.actions import gathering, groups, locked_keys, pending
from apps.chats.actions.batch_transaction import commit_batch
from apps.chats.actions.gathered_receipts import GatheredReceipts
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.locked_keys import LockedKeys
from apps.chats.actions.pending import Pending
from apps.chats.actions.receipts import Receipt, Report, move_batch
from apps.chats.models import Member
from apps.core import limits
from apps.core.errors import RateLimited, Unavailable
from apps.core.identifiers import new_id
from apps.core.limits import Limit
from apps.notifications.models import Push
from tests.chats.factories import (
    a_send,
    give_back_connection,
    in_committing_thread,
    write_many,
)
from tests.chats.gathered import Outcomes
from tests.support.events import sink
from tests.support.locks import MEMBER, held
from tests.support.people import in_touch, person

TRANSACTION = 2
OUTCOME_WITHIN_S = 3.0
STREAM = "SELECT FROM accounts_stream WHERE user_id = %s FOR UPDATE"
PUSH = "SELECT FROM notifications_push WHERE user_id = %s FOR UPDATE"
committing = pytest.mark.django_db(transaction=True)


def place(user, chat):
    return Member.objects.values_list("read_seq", "delivered_seq").get(chat=chat, user=user)


def reads(user, chat, seq, *, visible=False):
    return Report(user.id, [Receipt(chat, read=seq)], visible)


def team(size):
    """A group of this size with ten messages, and its members. Nobody has read anything."""
    owner, *others = (person(f"member{number}-{new_id().hex[-6:]}") for number in range(size))
    for each in others:
        in_touch(owner, each)
    chat = groups.create_group(owner.id, "Team", [each.id for each in others])
    write_many(owner, chat, 10)
    Member.objects.filter(chat=chat).update(read_seq=0, delivered_seq=0)
    return chat, [owner, *others]


def a_push(user, chat, *, seq):
    now = timezone.now()
    return Push.objects.create(
        user=user,
        chat_id=chat,
        state="pending",
        first_seq=seq,
        last_seq=seq,
        open=True,
        due_at=now + timedelta(hours=1),
        newest_due_at=now + timedelta(hours=1),
        created_at=now,
    )


@pytest.fixture
def gatherer():
    """Its thread closes its connection before the database is flushed."""
    made = GatheredReceipts()
    yield made
    in_committing_thread(made, lambda: connection.close(), nowhere=Report(new_id(), []))


@contextmanager
def counted_batches(monkeypatch):
    """The sizes of the batches that are written in the block."""
    sizes = []

    def count(reports, **arguments):
        sizes.append(len(reports))
        move_batch(reports, **arguments)

    with monkeypatch.context() as patched:
        patched.setattr(module, "move_batch", count)
        yield sizes


@committing
def test_twenty_people_who_report_at_once_are_at_most_two_transactions(gatherer, monkeypatch):
    chat, people = team(20)
    with counted_batches(monkeypatch) as sizes, sink() as events:
        reports = {each.username: reads(each, chat, 10) for each in people}
        outcomes = Outcomes(gatherer).submit(**reports)
        assert outcomes.wait_for(*reports) == [True] * 20
    # The first one does not wait for the others.
    assert len(sizes) <= 2
    assert sum(sizes) == 20
    assert {place(each, chat) for each in people} == {(10, 10)}
    assert len([each for each in events if each.stream == "chat"]) == 20


@committing
def test_who_waits_for_a_reply_waits_for_no_interval(gatherer):
    chat, (_, reader) = team(2)
    gatherer._interval_s = 3600
    Outcomes(gatherer).submit(first=reads(reader, chat, 1)).wait_for("first")
    outcomes = Outcomes(gatherer).submit(second=reads(reader, chat, 2))
    gatherer.start_at_once()
    assert outcomes.wait_for("second") == [True]
    gatherer.start_at_once()  # so that its thread can be asked to close its connection


@committing
def test_many_positions_are_split_into_several_batches(gatherer, monkeypatch):
    chat, (_, reader) = team(2)
    monkeypatch.setattr(module, "MAX_POSITIONS", 4)
    with counted_batches(monkeypatch) as sizes:
        names = [f"n{number}" for number in range(10)]
        outcomes = Outcomes(gatherer).submit(
            first=reads(reader, chat, 1),
            **{name: Report(reader.id, [Receipt(chat, read=2)] * 2) for name in names},
        )
        outcomes.wait_for("first", *names)
    assert max(sizes) <= 3
    assert sum(sizes) == 11


@committing
@pytest.mark.parametrize("row", ["member", "stream", "push"])
def test_a_hung_row_delays_only_the_receipts_of_its_person(gatherer, row, caplog):
    chat, (_, stuck, fine) = team(3)
    push = a_push(stuck, chat, seq=10)
    lock = {
        "member": partial(held, MEMBER, chat, stuck.id),
        "stream": partial(held, STREAM, stuck.id),
        "push": partial(held, PUSH, stuck.id),
    }[row]
    Outcomes(gatherer).submit(before=reads(fine, chat, 1)).wait_for("before")
    with lock():
        outcomes = Outcomes(gatherer).submit(
            stuck=reads(stuck, chat, 10), fine=reads(fine, chat, 5)
        )
        assert outcomes.wait_for("fine") == [True]
        assert outcomes.took["fine"] < OUTCOME_WITHIN_S / 2
        again = Outcomes(gatherer).submit(fine=reads(fine, chat, 6))
        assert again.wait_for("fine") == [True]
        assert "stuck" not in outcomes.outcomes
        [outcome] = outcomes.wait_for("stuck")
        assert isinstance(outcome, Unavailable)
        assert outcomes.took["stuck"] <= OUTCOME_WITHIN_S
        assert place(stuck, chat)[0] == 0
    assert place(fine, chat) == (6, 6)
    # The client repeats what was not acknowledged.
    assert Outcomes(gatherer).submit(stuck=reads(stuck, chat, 10)).wait_for("stuck") == [True]
    assert place(stuck, chat) == (10, 10)
    push.refresh_from_db()
    assert push.state == "cancelled"
    assert "PostgreSQL is unavailable" not in caplog.text


@committing
def test_a_row_released_in_time_causes_no_refusal(gatherer):
    chat, (_, stuck, fine) = team(3)
    with held(MEMBER, chat, stuck.id):
        outcomes = Outcomes(gatherer).submit(stuck=reads(stuck, chat, 4), fine=reads(fine, chat, 5))
        outcomes.wait_for("fine")
        outcomes.submit(later=reads(stuck, chat, 7))
    assert outcomes.wait_for("stuck", "later") == [True, True]
    assert place(stuck, chat) == (7, 7)


@committing
def test_one_wait_is_enough_for_those_behind_more_locked_people_than_a_batch_holds(monkeypatch):
    chat, (_, *stuck, fine) = team(9)
    for where in (pending, locked_keys):
        monkeypatch.setattr(where, "MAX_BATCH_REQUESTS", 4)
    monkeypatch.setattr(locked_keys, "KEY_TIMEOUT_MS", 10)
    waited, turns = [], Queue()

    def wait(batches, reports, **arguments):
        [waited_for] = reports
        waited.append(waited_for.person)
        turns.put(waited_for.person)
        return commit_batch(batches, reports, **arguments)

    monkeypatch.setattr(locked_keys, "commit_batch", wait)
    done, waits = Queue(), Queue()

    def resolved(pairs):
        if fine.id in dict(pairs):
            waits.put(list(waited))
        for pair in pairs:
            done.put(pair)

    held_here = LockedKeys(module.ReportBatches(), Lock(), lambda _: None)
    with held("SELECT FROM chats_member WHERE user_id = ANY(%s) FOR UPDATE", [p.id for p in stuck]):
        held_here.add(
            Pending(reads(each, chat, 5), each.id, 1, resolved, each.id) for each in [*stuck, fine]
        )
        assert waits.get(timeout=30) == [stuck[0].id]
        # Each of them has its turn.
        assert {turns.get(timeout=30) for _ in stuck} == {each.id for each in stuck}
    outcomes = dict(done.get(timeout=30) for _ in [*stuck, fine])
    assert outcomes == {each.id: True for each in [*stuck, fine]}
    assert {place(each, chat)[0] for each in [*stuck, fine]} == {5}


@committing
def test_nothing_is_acknowledged_or_published_that_is_not_committed(gatherer):
    """The connection is lost between the positions and the commit."""
    chat, (_, reader) = team(2)
    pid = in_committing_thread(
        gatherer,
        lambda: connection.connection.info.backend_pid,
        nowhere=Report(new_id(), [Receipt(new_id(), read=1)]),
    )
    push = a_push(reader, chat, seq=10)
    outcomes = Outcomes(gatherer)
    with sink() as events:
        # Positions are moved before pushes are cancelled.
        with held(PUSH, reader.id), ThreadPoolExecutor(1) as pool:
            outcomes.submit(read=reads(reader, chat, 10))
            pool.submit(terminate, pid).result(30)
            assert place(reader, chat) == (0, 0)
            assert outcomes.outcomes == {}
            assert events == []
            [outcome] = outcomes.wait_for("read")
            assert isinstance(outcome, Unavailable)
            assert place(reader, chat) == (0, 0)
            assert events == []
        assert outcomes.submit(again=reads(reader, chat, 10)).wait_for("again") == [True]
        assert {each.stream for each in events} == {"chat", "person"}
    assert place(reader, chat) == (10, 10)
    push.refresh_from_db()
    assert push.state == "cancelled"


def terminate(pid):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        connection.close()


@committing
def test_a_faulty_report_fails_alone(gatherer, monkeypatch):
    chat, (_, faulty, fine) = team(3)

    def move(reports, **arguments):
        if any(report.person == faulty.id for report in reports):
            raise ValueError
        move_batch(reports, **arguments)

    monkeypatch.setattr(module, "move_batch", move)
    outcomes = Outcomes(gatherer).submit(
        before=reads(fine, chat, 1), faulty=reads(faulty, chat, 5), fine=reads(fine, chat, 5)
    )
    refused, moved = outcomes.wait_for("faulty", "fine")
    assert isinstance(refused, Unavailable)
    assert moved is True
    assert place(fine, chat) == (5, 5)


@committing
def test_receipts_wait_in_threads_of_their_own(gatherer, monkeypatch):
    """While receipts stand still, nothing else does: they share neither thread nor connection."""
    release = Queue()

    def stand_still(reports, **_):
        release.get(timeout=30)

    chat, (owner, reader) = team(2)
    with monkeypatch.context() as patched:
        patched.setattr(module, "move_batch", stand_still)
        outcomes = Outcomes(gatherer).submit(read=reads(reader, chat, 1))
        assert group_commit.send(a_send(owner, chat)).seq > 10
        assert outcomes.outcomes == {}
        release.put(None)
        assert outcomes.wait_for("read") == [True]
    give_back_connection(group_commit)


def test_receipts_of_all_transports_share_one_limit(monkeypatch):
    monkeypatch.setattr(limits, "RECEIPTS", Limit("receipts-test", 2, 3600, in_process=True))
    made = GatheredReceipts()
    for name in ("_run", "_watch"):
        monkeypatch.setattr(made, name, lambda: None)
    mine, other = new_id(), new_id()
    for _ in range(2):
        made.submit(Report(mine, []), print, None)
    with pytest.raises(RateLimited):
        made.submit(Report(mine, []), print, None)
    made.submit(Report(other, []), print, None)


def test_a_full_queue_refuses_at_once(monkeypatch):
    monkeypatch.setattr(gathering, "MAX_QUEUED", 0)
    with pytest.raises(RateLimited) as refused:
        GatheredReceipts().submit(Report(new_id(), []), print, None)
    assert refused.value.retry_after > 0
