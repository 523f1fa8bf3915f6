"""Group commit while rows are locked or PostgreSQL hangs: only the affected sends are refused."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import Queue
from threading import Thread

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from apps.chats.actions import batch_transaction, gathering, locked_keys
from apps.chats.actions.group_commit import GroupCommit
from apps.chats.actions.messages import Sent
from apps.chats.message_hooks import Hooks, register_message_hooks
from apps.core.errors import NotFound, Unavailable
from apps.core.identifiers import new_id
from tests.chats.factories import a_send, give_back_connection, in_committing_thread, timeline
from tests.chats.gathered import Outcomes
from tests.support.locks import CHAT, MEMBER, held
from tests.support.people import direct_chat
from tests.support.servers import stores

pytestmark = pytest.mark.django_db(transaction=True)
OUTCOME_WITHIN_S = 3.0


@pytest.fixture
def committer():
    """A committer whose thread closes its connection before the database is flushed."""
    made = GroupCommit()
    yield made
    give_back_connection(made)


@pytest.fixture
def other_chat(alice, charlie):
    return direct_chat(alice, charlie)


@pytest.mark.parametrize("row", ["chat", "member"])
def test_a_locked_row_delays_only_its_own_chat(
    alice, bob, chat, other_chat, committer, row, caplog
):
    outcomes = Outcomes(committer)
    stuck, fine = a_send(alice, chat, "stuck"), a_send(alice, other_chat, "fine")
    committer.send(a_send(bob, chat, "before"))
    lock = held(CHAT, chat) if row == "chat" else held(MEMBER, chat, alice.id)
    with lock:
        outcomes.submit(stuck=stuck, fine=fine)
        [outcome] = outcomes.wait_for("fine")
        assert isinstance(outcome, Sent)
        assert "stuck" not in outcomes.outcomes
        again = Outcomes(committer)
        again.submit(fine=a_send(alice, other_chat, "fine again"))
        assert isinstance(again.wait_for("fine")[0], Sent)
        [outcome] = outcomes.wait_for("stuck")
        assert isinstance(outcome, Unavailable)
        assert outcomes.took["stuck"] <= OUTCOME_WITHIN_S
        assert outcomes.took["fine"] < OUTCOME_WITHIN_S / 2
    assert committer.send(stuck).seq == 2
    assert [text for _, _, text in timeline(chat)] == ["before", "stuck"]
    assert [text for _, _, text in timeline(other_chat)] == ["fine", "fine again"]
    assert "PostgreSQL is unavailable" not in caplog.text


def test_a_lock_released_in_time_causes_no_refusal_and_keeps_the_order(alice, bob, chat, committer):
    outcomes = Outcomes(committer)
    names = [f"n{number}" for number in range(20)]
    committer.send(a_send(bob, chat, "before"))
    with held(CHAT, chat):
        outcomes.submit(**{name: a_send(alice, chat, name) for name in names[:10]})
        while not committer._locked_keys.keys:
            time.sleep(0.01)
        outcomes.submit(**{name: a_send(alice, chat, name) for name in names[10:]})
    assert all(isinstance(outcome, Sent) for outcome in outcomes.wait_for(*names))
    assert [text for _, _, text in timeline(chat)] == ["before", *names]


def test_plugins_are_asked_once_and_outside_of_transactions(alice, bob, chat, committer):
    asked = []

    def ask(messages):
        asked.extend((each.text, connection.in_atomic_block) for each in messages)
        return [None] * len(messages)

    register_message_hooks(Hooks(before=ask))
    try:
        outcomes = Outcomes(committer)
        committer.send(a_send(bob, chat, "before"))
        with held(CHAT, chat):
            outcomes.submit(stuck=a_send(alice, chat, "stuck"))
            while not committer._locked_keys.keys:
                time.sleep(0.01)
            outcomes.submit(diverted=a_send(alice, chat, "diverted"))
        assert all(isinstance(each, Sent) for each in outcomes.wait_for("stuck", "diverted"))
    finally:
        register_message_hooks(Hooks())
    assert asked == [("before", False), ("stuck", False), ("diverted", False)]


def test_an_unknown_chat_is_refused_without_waiting(alice, chat, committer):
    outcomes = Outcomes(committer)
    with held(CHAT, chat):
        outcomes.submit(absent=a_send(alice, new_id()), stuck=a_send(alice, chat))
        assert isinstance(outcomes.wait_for("absent")[0], NotFound)
        assert "stuck" not in outcomes.outcomes
    assert isinstance(outcomes.wait_for("stuck")[0], Sent)


@pytest.mark.parametrize("lock_timeout_ms", [gathering.LOCK_TIMEOUT_MS, 1])
def test_two_processes_in_one_chat_starve_neither(alice, bob, chat, monkeypatch, lock_timeout_ms):
    """Two committers act as two processes: each has its own threads and connections. With a timeout
    of 1 ms, nearly every meeting moves one batch to the thread for locked chats."""
    monkeypatch.setattr(gathering, "LOCK_TIMEOUT_MS", lock_timeout_ms)
    transactions = {"main": 0, "locked chats": 0}
    for module, name in ((gathering, "main"), (locked_keys, "locked chats")):

        def counted(*args, _name=name, **kwargs):
            transactions[_name] += 1
            return batch_transaction.commit_batch(*args, **kwargs)

        monkeypatch.setattr(module, "commit_batch", counted)
    amount = 400
    committers = [GroupCommit(), GroupCommit()]

    def talk(committer, sender):
        outcomes = Outcomes(committer)
        for number in range(amount):
            outcomes.submit(**{str(number): a_send(sender, chat, f"{sender.username} {number}")})
            if number % 20 == 19:
                outcomes.wait_for(*map(str, range(number - 19, number + 1)))
        return outcomes.outcomes.values()

    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(talk, committers, (alice, bob)))
    for committer in committers:
        give_back_connection(committer)
    assert all(isinstance(outcome, Sent) for half in halves for outcome in half)
    texts = [text for _, _, text in timeline(chat)]
    for sender in (alice, bob):
        theirs = [text for text in texts if text.startswith(f"{sender.username} ")]
        assert theirs == [f"{sender.username} {number}" for number in range(amount)]
    print(f"\n{2 * amount} sends of 2 committers, {lock_timeout_ms} ms: {transactions}")
    # No polling: every transaction commits sends instead of only checking the lock.
    assert transactions["locked chats"] <= transactions["main"] <= 2 * amount


@contextmanager
def stopped(pid):
    """Stop a backend of PostgreSQL, and terminate it afterwards."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with psycopg.connect(stores()["DATABASE_URL"], autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        os.kill(pid, signal.SIGCONT)


def test_a_hung_backend_is_abandoned_and_its_sends_refused(alice, chat, other_chat, committer):
    outcomes = Outcomes(committer)
    pid = in_committing_thread(committer, lambda: connection.connection.info.backend_pid)
    with stopped(pid):
        outcomes.submit(hung=a_send(alice, chat, "hung"))
        time.sleep(0.3)  # so that it is not in the same batch
        behind = Outcomes(committer)
        behind.submit(behind=a_send(alice, other_chat, "behind"))
        assert isinstance(outcomes.wait_for("hung")[0], Unavailable)
        assert outcomes.took["hung"] <= OUTCOME_WITHIN_S
        assert isinstance(behind.wait_for("behind")[0], Sent)
        assert behind.took["behind"] <= OUTCOME_WITHIN_S
    assert in_committing_thread(committer, lambda: connection.connection.info.backend_pid) != pid


def test_sends_are_refused_in_time_while_the_thread_hangs(alice, chat, committer, monkeypatch):
    committer.send(a_send(alice, chat, "before"))
    release = Queue()

    def hang(batches, sends, **_):
        release.get(timeout=30)
        return [Unavailable()] * len(sends)

    monkeypatch.setattr(gathering, "commit_batch", hang)
    outcomes = Outcomes(committer)
    outcomes.submit(hung=a_send(alice, chat))
    time.sleep(0.1)
    outcomes.submit(behind=a_send(alice, chat))
    assert all(isinstance(each, Unavailable) for each in outcomes.wait_for("hung", "behind"))
    assert max(outcomes.took.values()) <= OUTCOME_WITHIN_S
    monkeypatch.undo()
    release.put(None)
    assert isinstance(committer.send(a_send(alice, chat)), Sent)


def test_an_exhausted_pool_does_not_affect_the_committer(alice, chat, committer):
    connection.close()
    with ExitStack() as stack:
        for _ in range(settings.DATABASE_POOL):
            stack.enter_context(connection.pool.connection())
        send = a_send(alice, chat)
        outcomes = Outcomes(committer)
        outcomes.submit(first=send)
        assert isinstance(outcomes.wait_for("first")[0], Sent)


def test_a_request_holds_no_connection_while_its_send_waits(alice, chat, committer):
    connection.ensure_connection()
    committer.send(a_send(alice, chat))
    assert connection.connection is None


def prepared():
    """The statements prepared on the committing thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return " ".join(statement for (statement,) in cursor.fetchall())


def test_lock_and_write_are_prepared(alice, chat, committer):
    committer.send(a_send(alice, chat))
    found = in_committing_thread(committer, prepared)
    assert "FROM chats_chat WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE" in found
    assert "INSERT INTO chats_message" in found


@pytest.mark.parametrize("pgbouncer", [True])
def test_nothing_is_prepared_behind_pgbouncer(alice, chat, settings, pgbouncer):
    settings.PGBOUNCER = pgbouncer
    committer = GroupCommit()
    assert isinstance(committer.send(a_send(alice, chat)), Sent)
    assert "chats_message" not in in_committing_thread(committer, prepared)
    give_back_connection(committer)


def test_sends_survive_a_migration_under_prepared_statements(alice, chat, committer):
    alter = "ALTER TABLE chats_chat ALTER COLUMN rev TYPE {}"
    committer.send(a_send(alice, chat, "before"))
    try:
        with connection.cursor() as cursor:
            cursor.execute(alter.format("numeric"))
        assert committer.send(a_send(alice, chat, "after")).seq == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute(alter.format("bigint"))
    assert committer.send(a_send(alice, chat, "at last")).seq == 3


def test_sends_survive_a_terminated_connection(alice, chat, committer):
    pid = in_committing_thread(committer, lambda: connection.connection.info.backend_pid)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert committer.send(a_send(alice, chat)).seq == 1


@contextmanager
def no_thread_named(name, monkeypatch):
    """Make starting threads of this name fail, as on a machine without free threads."""
    start = Thread.start

    def refuse(thread):
        if thread.name == name:
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", refuse)
        yield


@pytest.mark.parametrize("name", ["group-commit", "group-commit-watch"])
def test_a_thread_that_cannot_start_makes_sends_unavailable_until_it_can(
    alice, chat, committer, monkeypatch, name
):
    with no_thread_named(name, monkeypatch), pytest.raises(Unavailable):
        committer.submit(a_send(alice, chat, "first"), print, None)
    assert committer.send(a_send(alice, chat, "second")).seq == 1


def test_without_a_thread_for_locked_chats_other_chats_are_committed(
    alice, chat, other_chat, committer, monkeypatch
):
    outcomes = Outcomes(committer)
    with held(CHAT, chat), no_thread_named("group-commit-locked", monkeypatch):
        outcomes.submit(stuck=a_send(alice, chat))
        assert isinstance(outcomes.wait_for("stuck")[0], Unavailable)
        assert outcomes.took["stuck"] <= OUTCOME_WITHIN_S
        assert isinstance(committer.send(a_send(alice, other_chat)), Sent)
    assert committer.send(a_send(alice, chat)).seq == 1


@pytest.mark.parametrize("where", ["commit_batch", "commit_unlocked"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_committing_thread_that_ends_with_an_error_is_replaced(
    alice, chat, committer, monkeypatch, where
):
    def fail(*_, **__):
        raise MemoryError

    outcomes = Outcomes(committer)
    with ExitStack() as stack:
        patched = stack.enter_context(monkeypatch.context())
        patched.setattr(gathering if where == "commit_batch" else locked_keys, where, fail)
        if where == "commit_unlocked":
            stack.enter_context(held(CHAT, chat))
        outcomes.submit(first=a_send(alice, chat))
        assert isinstance(outcomes.wait_for("first")[0], Unavailable)
    assert isinstance(committer.send(a_send(alice, chat)), Sent)
