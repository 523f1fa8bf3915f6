"""Plugins that are told of messages after their commit: bounded, and lossy by design."""

import logging
import threading
from queue import Queue

import pytest
from django.db import transaction

from apps.chats.actions.messages import send_batch
from apps.chats.message_hooks import WrittenMessage
from apps.core.identifiers import new_id
from apps.core.metrics import PLUGIN_HOOKS
from apps.integrations.plugins import after_commit
from apps.integrations.plugins.after_commit import MAX_QUEUED, AfterCommit
from apps.integrations.plugins.breaker import Breaker
from apps.integrations.plugins.threads import MAX_THREADS
from tests.chats.factories import a_send, timeline, write

WAIT_S = 30


@pytest.fixture
def tells(hooked):
    """`tells(function)` tells this function, as plugin p0, of each message."""

    def connect(function):
        hook = AfterCommit("p0", function, Breaker())
        hooked(after=hook.put)
        return hook

    return connect


@pytest.fixture
def released():
    """An event for which a hook hangs; it is set at the end."""
    event = threading.Event()
    yield event
    event.set()


def counted(outcome):
    return PLUGIN_HOOKS.labels("p0", outcome)._value.get()


def test_a_plugin_is_told_after_the_commit_in_order(
    alice, crew, tells, django_capture_on_commit_callbacks
):
    told = Queue()
    tells(told.put)
    with django_capture_on_commit_callbacks(execute=True):
        sent = send_batch([a_send(alice, crew, text) for text in "abc"])
        assert told.empty()
    messages = [told.get(timeout=WAIT_S) for _ in range(3)]
    assert [(each.seq, each.text) for each in messages] == [
        (one.seq, text) for one, text in zip(sent, "abc", strict=True)
    ]
    assert {(each.chat, each.sender) for each in messages} == {(crew, alice.id)}


def test_a_plugin_is_not_told_of_what_is_not_written(
    alice, crew, charlie, tells, django_capture_on_commit_callbacks
):
    told = Queue()
    tells(told.put)
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            write(alice, crew, "rolled back")
            transaction.set_rollback(True)
        send_batch([a_send(charlie, crew, "refused")])
        mine = a_send(alice, crew, "written")
        send_batch([mine])
        send_batch([mine])
    assert told.get(timeout=WAIT_S).text == "written"
    assert told.empty()


def test_a_flood_fills_a_bounded_queue_and_delays_nobody(
    alice, crew, tells, released, monkeypatch, django_capture_on_commit_callbacks
):
    begun = threading.Event()
    monkeypatch.setattr(after_commit, "TIMEOUT_S", 2 * WAIT_S)

    def hang(message):
        begun.set()
        released.wait(WAIT_S)

    hook = tells(hang)
    lost = counted("lost")
    with django_capture_on_commit_callbacks(execute=True):
        write(alice, crew, "first")
    assert begun.wait(WAIT_S)
    with django_capture_on_commit_callbacks(execute=True):
        sent = send_batch([a_send(alice, crew) for _ in range(MAX_QUEUED + 20)])
    assert len({each.seq for each in sent}) == MAX_QUEUED + 20
    assert len(timeline(crew)) >= MAX_QUEUED + 21
    assert len(hook._queue) == MAX_QUEUED
    assert counted("lost") - lost == 20


def test_a_call_that_hangs_is_given_up_and_few_threads_hang(
    alice, crew, tells, released, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(after_commit, "TIMEOUT_S", -1)
    begun = Queue()

    def hang(message):
        begun.put(message.text)
        released.wait(WAIT_S)

    tells(hang)
    for number in range(MAX_THREADS + 2):
        with django_capture_on_commit_callbacks(execute=True):
            write(alice, crew, str(number))
        if number < MAX_THREADS:
            assert begun.get(timeout=WAIT_S) == str(number)
    assert begun.empty()


def test_a_call_that_was_given_up_ends_no_pause(released, monkeypatch):
    monkeypatch.setattr(after_commit, "TIMEOUT_S", -1)
    begun, succeeded = threading.Semaphore(0), []

    def hang(message):
        begun.release()
        released.wait(WAIT_S)

    breaker = Breaker()
    monkeypatch.setattr(breaker, "succeeded", lambda: succeeded.append(1))
    hook = AfterCommit("p0", hang, breaker)
    for seq in (1, 2):
        hook.put([WrittenMessage(new_id(), new_id(), seq, "text")])
        assert begun.acquire(timeout=WAIT_S)
    released.set()
    for thread in threading.enumerate():
        if thread.name == "plugin-p0-after":
            thread.join(WAIT_S)
    assert len(succeeded) == 1


def test_a_plugin_that_raises_is_told_of_the_next_message_and_no_words_are_logged(
    alice, crew, tells, caplog, django_capture_on_commit_callbacks
):
    told = Queue()

    def broken(message):
        told.put(message.text)
        raise ValueError(message.text)

    tells(broken)
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        send_batch([a_send(alice, crew, text) for text in ("quokkina", "quokkine")])
    assert [told.get(timeout=WAIT_S) for _ in range(2)] == ["quokkina", "quokkine"]
    assert "quokkin" not in caplog.text
