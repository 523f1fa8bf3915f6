"""Promises 9 to 11: a read cancels the push, an unread message is pushed, whatever part dies.

Each test prints its figures with the number of injections. Claims and commits are compared by the
database's clock, not by the test's.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from redis import Redis

from apps.chats.actions.groups import create_group
from apps.chats.actions.receipts import Receipt, move_positions
from apps.notifications.actions.subscriptions import subscribe
from apps.notifications.models import Delivery, Push
from tests.chats.factories import write
from tests.support.people import direct_chat, in_touch, person, session_of
from tests.support.pushes import service
from tests.support.threads import in_thread
from tests.support.workers import workers

__all__ = ["service", "workers"]
MEMBERS = 20
PUSHES_PER_KILL = 20
# Where a killed worker has claimed something, the test waits for the end of the claim.
SHORT_LEASES = "tests.support.short_leases"


def known_of(service):
    """The settings of a process that pushes to this service."""
    return service.environment(settings.VAPID_PRIVATE_KEY)


class Crowd:
    """Twenty people with a phone each, in some groups that Alice writes to."""

    def __init__(self, service, *, groups):
        mark = uuid4().hex[:8]
        self.alice = person(f"alice-{mark}")
        self.people = [person(f"p{number}-{mark}") for number in range(MEMBERS)]
        for one in self.people:
            in_touch(self.alice, one)
        self.phones = {}
        for one in self.people:
            phone = service.browser()
            subscribe(one.id, session_key=session_of(one), endpoint=phone.endpoint, keys=phone.keys)
            self.phones[one.id] = phone
        ids = [one.id for one in self.people]
        self.chats = [create_group(self.alice.id, f"g{number}", ids) for number in range(groups)]
        self.seqs = {chat: write(self.alice, chat).seq for chat in self.chats}

    @property
    def pairs(self):
        return [(one.id, chat) for chat in self.chats for one in self.people]

    def pushed(self):
        """The number of notifications shown, by (person, chat)."""
        shown = {pair: 0 for pair in self.pairs}
        for one, phone in self.phones.items():
            for push in phone.received:
                if push.payload["kind"] == "show":
                    shown[one, UUID(push.payload["chat"])] += 1
        return shown


def due_from(seconds, spread):
    """Make pending pushes due in `seconds`, one every `spread` seconds. Returns (person, chat) →
    due time, in seconds since 1970 by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_push p SET due_at = clock_timestamp()"
            " + (%s + n * %s) * interval '1 second' FROM (SELECT id, row_number() OVER () AS n"
            " FROM notifications_push WHERE state = 'pending') x WHERE x.id = p.id"
            " RETURNING p.user_id, p.chat_id, extract(epoch FROM p.due_at)::float8",
            [seconds, spread],
        )
        return {(user, chat): due for user, chat, due in cursor.fetchall()}


def read_at(when, user, chat, seq):
    """Read at time `when`; returns the time after the commit."""
    time.sleep(max(0.0, when - time.time()))
    move_positions(user, [Receipt(chat, read=seq)])
    return time.time()


def around_due():
    """Mostly close to the due time, else about when a worker claims."""
    return random.uniform(-0.05, 0.05) if random.random() < 0.7 else random.uniform(0.0, 3.0)


def settled():
    return not Push.objects.filter(open=True, state__in=("pending", "released")).exists()


def until(condition, within=150.0):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "the condition does not become true"
        time.sleep(0.2)


def warm(service):
    """Return when a worker has sent a push."""
    alice, bob = person(f"alice-{uuid4().hex[:8]}"), person(f"bob-{uuid4().hex[:8]}")
    phone = service.browser()
    subscribe(bob.id, session_key=session_of(bob), endpoint=phone.endpoint, keys=phone.keys)
    write(alice, direct_chat(alice, bob))
    due_from(0.0, 0.0)
    service.wait_for(lambda: len(phone.received) == 1, within=90)


def killed_at_work(pool, service, *, over):
    """Kill one worker after another, whenever enough pushes have come; returns the number of kills.

    Call it from the test's thread: a process dies with the thread that starts it.
    """
    kills, seen = 0, 0
    while not over():
        number = service.number
        if number - seen >= PUSHES_PER_KILL:
            victim = pool[kills % len(pool)]
            victim.kill9()
            victim.launch()
            kills, seen = kills + 1, number
        time.sleep(0.05)
    return kills


def test_reads_race_the_due_time_while_workers_die(service, workers, long):
    pool = workers.push(2, app=SHORT_LEASES, **known_of(service))
    workers.beat()
    warm(service)
    crowd = Crowd(service, groups=50 if long else 8)
    due = due_from(3.0, 0.02)
    assert len(due) == len(crowd.pairs)
    racing = sorted(random.sample(crowd.pairs, len(crowd.pairs) * 7 // 10), key=due.__getitem__)
    with ThreadPoolExecutor(24) as readers:
        reading = {
            pair: readers.submit(
                in_thread,
                partial(read_at, due[pair] + around_due(), *pair, crowd.seqs[pair[1]]),
            )
            for pair in racing
        }
        kills = killed_at_work(
            pool, service, over=lambda: all(future.done() for future in reading.values())
        )
        committed = {pair: future.result() for pair, future in reading.items()}
    Redis.from_url(settings.REDIS_URL).flushall()
    kills += killed_at_work(pool, service, over=settled)
    shown = crowd.pushed()
    claims = {
        (row.push.user_id, row.push.chat_id): row.claimed_at.timestamp()
        for row in Delivery.objects.filter(kind="show", claimed_at__isnull=False).select_related(
            "push"
        )
    }
    after_read = [
        pair for pair, at in committed.items() if shown[pair] and claims.get(pair, 0) > at
    ]
    unattempted = [pair for pair in crowd.pairs if pair not in committed and not shown[pair]]
    print(
        f"\nfault=kill9+flush injections={kills + 1} pushes={len(crowd.pairs)}"
        f" reads={len(committed)}"
        f" in_time={sum(not shown[pair] for pair in committed)}"
        f" too_late={sum(bool(shown[pair]) for pair in committed)}"
        f" claimed_after_read={len(after_read)} unattempted={len(unattempted)}"
        f" twice={sum(number > 1 for number in shown.values())}"
    )
    assert kills >= 3
    assert after_read == []
    assert unattempted == []
    assert any(shown[pair] for pair in committed)
    assert any(not shown[pair] for pair in committed)


def test_a_flushed_broker_delays_pushes_and_loses_none(service, workers, long):
    crowd = Crowd(service, groups=50 if long else 3)
    workers.push(1, **known_of(service))
    workers.beat()
    due_from(1.0, 0.001)
    Redis.from_url(settings.REDIS_URL).flushall()
    until(settled)
    shown = crowd.pushed()
    print(
        f"\nfault=flush injections=1 pushes={len(shown)}"
        f" unattempted={list(shown.values()).count(0)}"
    )
    assert set(shown.values()) == {1}


def test_pushes_due_while_no_worker_ran_are_sent_when_one_does(service, workers, long):
    crowd = Crowd(service, groups=10 if long else 3)
    due_from(-300.0, 0.0)
    read = crowd.pairs[::2]
    for user, chat in read:
        move_positions(user, [Receipt(chat, read=crowd.seqs[chat])])
    workers.push(1, **known_of(service))
    workers.beat()
    until(settled)
    shown = crowd.pushed()
    print(f"\nfault=nobody works injections=1 pushes={len(shown)} read={len(read)}")
    assert {shown[pair] for pair in read} == {0}
    assert {number for pair, number in shown.items() if pair not in set(read)} == {1}


def test_a_worker_killed_during_a_push_shows_one_notification(service, workers):
    """The push may go out twice; both are of one chat, so the device shows one notification."""
    crowd = Crowd(service, groups=1)
    asked, go_on = threading.Event(), threading.Event()
    [chat] = crowd.chats
    one = crowd.people[0]
    phone = crowd.phones[one.id]

    def think(page):
        asked.set()
        go_on.wait(30)
        page.say(b"", status=201)

    phone.answer = think
    [worker] = workers.push(1, app=SHORT_LEASES, **known_of(service))
    workers.beat()
    due_from(-1.0, 0.0)
    assert asked.wait(60)
    worker.kill9()
    go_on.set()
    phone.answer = 201
    worker.launch()
    until(settled)
    topics = {push.headers["Topic"] for push in phone.received}
    print(f"\nfault=kill9 injections=1 pushes={len(phone.received)} notifications={len(topics)}")
    assert len(phone.received) == 2
    assert len(topics) == 1
    assert {push.payload["chat"] for push in phone.received} == {str(chat)}
