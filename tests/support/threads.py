"""Calls that meet: real threads, each with a connection of its own."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Thread
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from apps.core.database import refusal_of
from apps.core.errors import Refused, Unavailable

Answer = TypeVar("Answer")
RETRIES_S = 45.0


def in_thread(work: Callable[[], Answer]) -> Answer:
    """Call `work` as the last thing of a thread, which leaves no connection behind."""
    try:
        return work()
    finally:
        connection.close()


def together(*calls: Callable[[], object]) -> list[object]:
    """Run the calls at the same moment; each gives its answer or its refusal.

    On a busy machine a call waits longer for a lock or a connection than the product lets it. It is
    refused as a whole then, and made again, as clients do.
    """
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait(30)
        until = time.monotonic() + RETRIES_S
        while True:
            try:
                return call()
            except Refused as refusal:
                return refusal
            except OperationalError as error:
                if time.monotonic() > until or not isinstance(refusal_of(error), Unavailable):
                    raise

    with ThreadPoolExecutor(len(calls)) as pool:
        return [
            each.result(60)
            for each in [pool.submit(in_thread, partial(run, call)) for call in calls]
        ]


def wait_for_a_lock(thread: Thread, *, within: float = 20.0) -> bool:
    """Wait until somebody waits for a lock in this database, or the thread has ended; whether it
    was the first. PostgreSQL tells nobody when a wait begins, so it is asked."""
    until = time.monotonic() + within
    while thread.is_alive() and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.01)
    return False


def meanwhile(
    change: Callable[[], object],
    other: Callable[[], Answer],
    *,
    then: Callable[[], object] = lambda: None,
) -> Answer | Refused:
    """Call `other` in a thread while `change` is not committed; once it waits for a lock, `then`.
    Returns what `other` did."""
    outcome: list[Answer | Refused] = []

    def call() -> None:
        try:
            outcome.append(in_thread(other))
        except Refused as refusal:
            outcome.append(refusal)

    thread = Thread(target=call)
    with transaction.atomic():
        change()
        thread.start()
        assert wait_for_a_lock(thread)
        then()
    thread.join(20)
    return outcome[0]
