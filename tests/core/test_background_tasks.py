"""`background_task`: one run at a time per process, repeated failures logged once."""

import threading

import pytest
from django.db import InterfaceError, OperationalError

from apps.core.background_tasks import background_task


class Work:
    """A task whose outcome the test sets."""

    def __init__(self):
        self.runs = 0
        self.error = None
        self.task = background_task(self.work)

    def work(self):
        """Count the run, and raise `error` if it is set."""
        self.runs += 1
        if self.error:
            raise self.error


@pytest.fixture
def work(outage_at_once):
    return Work()


def test_a_run_returns_at_once_while_another_run_is_active(work):
    begun, go_on = threading.Event(), threading.Event()

    def hold():
        begun.set()
        go_on.wait(20)

    runs = []
    task = background_task(lambda: (runs.append(1), hold()))
    first = threading.Thread(target=task)
    first.start()
    assert begun.wait(20)
    task()
    go_on.set()
    first.join()
    task()
    assert len(runs) == 2


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_database_outage_is_logged_in_two_lines_and_raises_nothing(work, caplog, kind):
    work.error = kind("away")
    for _ in range(50):
        work.task()
    work.error = None
    work.task()
    assert work.runs == 51
    assert len(caplog.records) == 2
    assert not any(record.exc_info for record in caplog.records)


def test_another_error_is_logged_once_until_the_task_succeeds(work, caplog):
    work.error = ZeroDivisionError("once")
    for _ in range(50):
        work.task()
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info
    work.error = ZeroDivisionError("another")
    work.task()
    assert len(caplog.records) == 2
    work.error = None
    work.task()
    work.error = ZeroDivisionError("another")
    work.task()
    assert len(caplog.records) == 3
