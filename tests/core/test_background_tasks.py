"""Background tasks: one at a time in a process, and repeated failures once in the log."""

import threading

import pytest
from django.db import InterfaceError, OperationalError

from apps.core.background_tasks import background_task


class Work:
    """A task that does as the test says."""

    def __init__(self):
        self.runs = 0
        self.error = None
        self.task = background_task(self.work)

    def work(self):
        """Count, and fail if asked to."""
        self.runs += 1
        if self.error:
            raise self.error


@pytest.fixture
def work(outage_at_once):
    return Work()


def test_a_second_run_meanwhile_does_nothing(work):
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
def test_an_outage_of_the_database_is_two_lines_and_ends_no_task(work, caplog, kind):
    work.error = kind("away")
    for _ in range(50):
        work.task()
    work.error = None
    work.task()
    assert work.runs == 51
    assert len(caplog.records) == 2
    assert not any(record.exc_info for record in caplog.records)


def test_another_failure_is_one_traceback_until_the_task_succeeds(work, caplog):
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
