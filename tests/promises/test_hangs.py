"""Promises 17, 20 and 22: hanging parts are cut off or replaced, and delay no others.

Each test prints its figures with the number of injections.
"""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from uuid import uuid4

import psutil
from celery import Celery

from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from apps.notifications.actions.subscriptions import subscribe
from chatproject.run.data_dir import CHECKOUT
from tests.promises.sending import deliver
from tests.promises.test_pushes import SHORT_LEASES, Crowd, due_from, known_of, settled, until, warm
from tests.support import hanging_worker
from tests.support.ledger import Ledger
from tests.support.live import database
from tests.support.people import direct_chat, in_touch, person, session_of
from tests.support.pushes import service
from tests.support.workers import workers

__all__ = ["service", "workers"]


def order(task):
    """Queue one of the hanging tasks."""
    sender = Celery("test", set_as_current=False)
    sender.config_from_object("django.conf:settings", namespace="CELERY")
    sender.send_task(f"{hanging_worker.__name__}.{task}", queue=hanging_worker.QUEUE)


def test_a_worker_with_a_hanging_task_ends_and_the_next_one_works(service, workers):
    worker = workers.hanging(**known_of(service))
    order("wait_without_end")
    assert worker.wait(90) == 1
    assert "tests.support.hanging_worker.wait_without_end hangs" in worker.log
    assert "tests/support/hanging_worker.py" in worker.log, "the log says where it hung"
    # The next worker, as a supervisor starts it; with the product's time limit, on a busy machine.
    workers.push(1, **known_of(service))
    workers.beat()
    warm(service)
    print("\nfault=hanging task injections=1 replaced=1")


def test_a_worker_whose_task_holds_the_interpreter_ends(service, workers):
    worker = workers.hanging(**known_of(service))
    order("keep_the_interpreter")
    assert worker.wait(90) == 1
    assert "tests/support/hanging_worker.py" in worker.log, "the log says where it hung"
    print("\nfault=task that keeps the interpreter injections=1 ended=1")


def test_hanging_push_hosts_delay_no_other_pushes(service, workers, long):
    crowd = Crowd(service, groups=3 if long else 1)
    go_on = threading.Event()
    hung, quick = crowd.people[:5], crowd.people[5:]
    for one in hung:
        crowd.phones[one.id].answer = lambda page: go_on.wait(60)
    workers.push(1, app=SHORT_LEASES, **known_of(service))
    workers.beat()
    due_from(-1.0, 0.0)
    expected = len(quick) * len(crowd.chats)
    arrived = lambda: sum(len(crowd.phones[one.id].received) for one in quick)  # noqa: E731
    service.wait_for(lambda: arrived() == expected, within=60)
    go_on.set()
    for one in hung:
        crowd.phones[one.id].answer = 201
    until(settled)
    shown = crowd.pushed()
    print(
        f"\nfault=hanging push host injections={len(hung) * len(crowd.chats)} pushes={len(shown)}"
        f" unattempted={list(shown.values()).count(0)}"
    )
    assert list(shown.values()).count(0) == 0


async def test_a_stopped_broker_costs_neither_threads_nor_acks(
    fresh_servers, cast, device, valkey_server, service, long
):
    """Each send schedules a wake-up, which is due while the broker is stopped."""
    [server] = fresh_servers(1, SENDS_PER_SECOND="100000", **known_of(service))
    readers = await asyncio.to_thread(database, members_with_phones, service, cast.alice)
    alice = await device(server, cast.alice).join()
    ledger = Ledger("valkey-stopped", injections=1, readers=[alice])
    for chat, delay in readers:
        await deliver(alice, ledger, chat=chat, text=f"before {delay}")
    process = psutil.Process(server.pid)
    before = process.num_threads()
    most = before
    valkey_server.process.send_signal(signal.SIGSTOP)
    try:
        for number in range(120 if long else 20):
            for chat, _ in readers:
                await deliver(alice, ledger, chat=chat, text=str(number))
            most = max(most, process.num_threads())
            await asyncio.sleep(0.25)  # so that their due times differ
    finally:
        valkey_server.process.send_signal(signal.SIGCONT)
    faults = await asyncio.to_thread(database, ledger.compare, [chat for chat, _ in readers])
    print(f"threads_before={before} threads_at_most={most}")
    assert ledger.sent == len(ledger.acked)
    assert faults["lost"] == faults["dup"] == faults["gap"] == 0
    assert most <= before + 4


def members_with_phones(service, sender):
    """(chat, delay) of people with a phone each, whose pushes have different delays."""
    made = []
    for delay in (1, 2, 5, 10):
        friend = person(f"friend-{uuid4().hex[:8]}")
        in_touch(sender, friend)
        phone = service.browser()
        subscribe(
            friend.id, session_key=session_of(friend), endpoint=phone.endpoint, keys=phone.keys
        )
        set_preferences(friend.id, PreferencesUpdate(delay=delay))
        made.append((direct_chat(sender, friend), delay))
    return made


def test_workers_and_beat_log_an_outage_of_the_broker_in_a_few_lines(
    service, workers, valkey_server, long
):
    """They continue when the broker is back. A worker may end when its broker is killed (Celery
    closes the connection while a task reports its end on it); it is started again. The health check
    of a container does not have it started again while the broker is away."""
    pool = [*workers.push(1, **known_of(service)), workers.beat()]
    warm(service)
    assert (probe("push0"), probe("nobody")) == (0, 1)
    for fault in ("stopped", "killed") if long else ("stopped",):
        before = [entries(process) for process in pool]
        valkey_server.process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        assert probe("push0") == 0
        # How long it is away.
        time.sleep(max(0.0, begun + (120 if long else 7) - time.monotonic()))
        if fault == "stopped":
            valkey_server.process.send_signal(signal.SIGCONT)
        else:
            valkey_server.restart()
        for process in pool:
            process.launch_if_ended()
        warm(service)
        lines = [entries(process) - number for process, number in zip(pool, before, strict=True)]
        print(f"\nfault=valkey {fault} injections=1 lines={lines}")
        assert max(lines) <= 4, "".join(process.log for process in pool)


def probe(kind):
    """The exit code of the health check of a worker."""
    command = [sys.executable, "-m", "chatproject.run.worker_probe", kind]
    return subprocess.run(command, cwd=CHECKOUT, check=False, timeout=60).returncode


def entries(process):
    """The number of entries in its log, without lines of tracebacks."""
    return process.log.count("MainProcess]")
