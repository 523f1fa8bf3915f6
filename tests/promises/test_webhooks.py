"""An event of a webhook is sent again, as the same one, when its worker was killed meanwhile."""

import threading

import pytest

from tests.chats.factories import write
from tests.integrations.receivers import a_hook, receiver
from tests.promises.test_pushes import SHORT_LEASES
from tests.support.people import alice, bob, crew
from tests.support.workers import workers

__all__ = ["alice", "bob", "crew", "receiver", "workers"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_killed_worker_loses_no_event_and_makes_no_second_one(
    alice, bob, crew, receiver, workers
):
    arrived, done = threading.Event(), threading.Event()
    killed = threading.Event()

    def answer(page):
        arrived.set()
        if not killed.is_set():
            killed.wait(60)
            return  # to nobody
        page.say(b"", status=204)
        if len(receiver.received) >= 3:
            done.set()

    receiver.answer = answer
    hook = a_hook(alice, crew, receiver.url)
    for text in ("one", "two"):
        write(bob, crew, text)
    [worker] = workers.push(1, app=SHORT_LEASES, OUTBOUND_ORIGINS=receiver.web.origin)
    workers.beat()
    assert arrived.wait(90), worker.log
    worker.kill9()
    killed.set()
    worker.launch()
    assert done.wait(90), worker.log
    first, again, second = receiver.received
    print(f"\nfault=kill9 injections=1 events=2 requests={len(receiver.received)} lost=0")
    assert (first.id, first.text) == (again.id, again.text)
    assert (again.text, second.text) == ("one", "two")
    assert again.id != second.id
    hook.verify(second)
