"""A failure of one delivery does not stop the others; lock timeouts, outages and settings."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

import psycopg
import pytest
from django.core.checks import run_checks
from django.db import OperationalError, connection
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

from apps.accounts.actions import sessions
from apps.chats.actions.receipts import Receipt, move_positions
from apps.core.claims import claim
from apps.core.task_wakeup import SLOT_S
from apps.notifications import tasks
from apps.notifications.actions import payloads, results, sender, timers
from apps.notifications.actions.fan_out import release_due
from apps.notifications.models import Delivery, Subscription
from apps.notifications.queries.notification_records import undelivered
from apps.notifications.vapid import contact
from chatproject.run.release import apply_if_pending
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.locks import held
from tests.support.people import direct_chat
from tests.support.servers import stores
from tests.support.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phones(alice, bob, charlie, device):
    """Bob's and Charlie's devices, with a push due for each, Bob's first."""
    made = device(bob), device(charlie)
    for friend in (bob, charlie):
        write(alice, direct_chat(alice, friend))
        make_due()
    return made


def of(user):
    return Delivery.objects.get(push__user=user)


def test_a_removed_gateway_stops_only_its_own_devices(bob, phones):
    Subscription.objects.filter(user=bob).update(gateway="fcm")
    assert deliver() == 2
    assert len(phones[1].received) == 1
    assert (of(bob).state, of(bob).claimed_at) == ("waiting", None)
    for _ in range(4):
        make_due()
        deliver()
    assert (of(bob).state, of(bob).attempt) == ("parked", 5)
    assert states(bob) == [("failed", "parked", 1, 1)]


def test_a_push_that_cannot_be_made_is_parked_and_the_others_are_sent(bob, phones, monkeypatch):
    def describe(person, chat, **run):
        if person == bob.id:
            raise ZeroDivisionError
        return made(person, chat, **run)

    made = payloads.describe
    monkeypatch.setattr(payloads, "describe", describe)
    for _ in range(5):
        make_due()
        deliver()
    assert len(phones[1].received) == 1
    assert of(bob).state == "parked"


def test_a_delivery_ends_as_gone_when_its_device_signs_out_after_the_claim(
    bob, phones, monkeypatch
):
    def claim_then_sign_out(*args, **options):
        rows = claim(*args, **options)
        sessions.sign_out_everywhere(bob.id)
        return rows

    monkeypatch.setattr(sender, "claim", claim_then_sign_out)
    deliver()
    assert [len(phone.received) for phone in phones] == [0, 1]
    assert of(bob).state == "gone"
    assert states(bob)[0][0] == "failed"


def test_an_invalid_vapid_contact_is_a_check_error(bob, phones, settings):
    settings.VAPID_CONTACT = "mailto:parley@host"
    [wrong] = run_checks()
    assert "mailto:parley@host" in wrong.msg
    assert deliver() == 2
    assert of(bob).state == "waiting"
    settings.VAPID_CONTACT = "mailto:parley@host.example"
    assert run_checks() == []


def test_an_invalid_vapid_contact_prevents_the_start(service, settings):
    settings.VAPID_CONTACT = "mailto:parley@host"
    with pytest.raises(SystemExit, match="mailto:parley@host"):
        apply_if_pending()


def test_an_invalid_vapid_key_is_a_check_error(settings):
    settings.VAPID_PRIVATE_KEY = "abc"
    [wrong] = run_checks()
    assert "VAPID_PRIVATE_KEY" in wrong.msg


@pytest.mark.parametrize(
    ("email_from", "expected"),
    [
        ("parley@attic", "mailto:parley@attic.local"),
        ("Parley <chat@example.org>", "mailto:chat@example.org"),
        ("parley@localhost", "mailto:parley@localhost"),
        ("parley@192.168.1.5", "mailto:parley@192.168.1.5"),
        ("parley@::1", "mailto:parley@localhost"),
    ],
)
def test_the_default_vapid_contact_is_made_from_email_from(settings, service, email_from, expected):
    settings.VAPID_CONTACT = ""
    settings.DEFAULT_FROM_EMAIL = email_from
    assert contact() == expected
    assert run_checks() == []


@pytest.mark.parametrize("year", ["99999", "99999999999999"])
def test_an_absurd_retry_after_is_ignored(bob, phones, year):
    phones[0].answer = lambda page: page.say(
        b"", status=429, Retry_After=f"Fri, 31 Dec {year} 23:59:59 GMT"
    )
    deliver()
    assert (of(bob).state, of(bob).status) == ("waiting", 429)
    assert len(phones[1].received) == 1


def test_a_delivery_read_before_it_was_sent_does_not_block_the_next(alice, bob, charlie, device):
    phone = device(bob)
    read, unread = direct_chat(alice, bob), direct_chat(charlie, bob)
    write(alice, read)
    make_due()
    release_due()
    move_positions(bob.id, [Receipt(read, read=1)])
    write(charlie, unread)
    make_due()
    assert deliver() == 1
    assert [one["chat"] for one in phone.payloads] == [str(unread)]
    assert [state for state, *_ in states(bob)] == ["cancelled", "sent"]


def test_a_pass_ends_under_endless_load(alice, bob, chat, device, monkeypatch):
    """Each push that arrives makes the next one due."""
    phone = device(bob)

    def another(page):
        if len(phone.received) < 200:
            in_thread(lambda: (write(alice, chat), make_due()))
        page.say(b"", status=201)

    phone.answer = another
    write(alice, chat)
    make_due()
    woken = []
    monkeypatch.setattr(timers.wake, "after", woken.append)
    monkeypatch.setattr(tasks, "PushSender", lambda: sender.PushSender(max_pass_s=0.5))
    tasks.push()
    assert 0 < len(phone.received) < 200
    assert states(bob)[-1][0] == "pending"
    assert woken.count(SLOT_S) == 1
    phone.answer = 201
    deliver()
    tasks.push()
    assert woken.count(SLOT_S) == 1


class Hanging:
    """A gateway that never returns, without a time limit of its own."""

    def check(self, destination):
        return "hanging"

    async def send(self, destination, payload, **options):
        await asyncio.Event().wait()


class Stubborn(Hanging):
    """A gateway that ignores its cancellation for a second."""

    async def send(self, destination, payload, **options):
        end = time.monotonic() + 1
        while time.monotonic() < end:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", [Hanging, Stubborn])
def test_a_hanging_gateway_is_cancelled_and_the_others_are_sent(
    bob, phones, monkeypatch, settings, kind
):
    settings.PUSH_GATEWAYS = {**settings.PUSH_GATEWAYS, "slow": f"{__name__}.{kind.__name__}"}
    Subscription.objects.filter(user=bob).update(gateway="slow")
    monkeypatch.setattr(sender, "SEND_TIMEOUT_S", 0.2 if kind is Hanging else 60)
    monkeypatch.setattr(sender, "SHUTDOWN_TIMEOUT_S", 0.2)
    monkeypatch.setattr(sender, "POLL_INTERVAL_S", 0.1)
    assert sender.PushSender(max_pass_s=0.3).run() == 2
    assert len(phones[1].received) == 1
    assert (of(bob).state, of(bob).attempt, of(bob).claimed_at) == ("waiting", 1, None)


def test_a_delivery_that_kills_its_worker_five_times_is_parked(bob, phones):
    """Each worker claims it and dies before it records anything."""
    release_due()
    Delivery.objects.filter(push__user=bob).update(attempt=4)
    [row] = sender.claim(sender.claimable([]), limit=1, lease=payloads.CLAIM_LEASE)
    assert row.attempt == 5
    Delivery.objects.filter(id=row.id).update(claimed_at=Now() - 2 * payloads.CLAIM_LEASE)
    assert deliver() == 1
    assert len(phones[1].received) == 1
    assert of(bob).state == "parked"
    assert states(bob) == [("failed", "parked", 1, 1)]


def test_an_outage_of_the_database_logs_two_lines(phones, outage_at_once, monkeypatch, caplog):
    def away():
        raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(sender, "release_due", away)
        for _ in range(10):
            tasks.push()
    assert len(caplog.records) == 1
    assert "unavailable" in caplog.text
    tasks.push()
    assert len(phones[0].received) == len(phones[1].received) == 1
    assert len(caplog.records) == 2
    assert "available again" in caplog.text


def test_pushes_waiting_for_a_gone_device_fail(alice, bob, charlie, device):
    phone = device(bob)
    phone.answer = 410
    chats = [direct_chat(alice, bob), direct_chat(charlie, bob)]
    for writer, chat in zip((alice, charlie), chats, strict=True):
        write(writer, chat)
        make_due()
    deliver()
    assert len(phone.received) == 1
    assert [state for state, *_ in states(bob)] == ["failed", "failed"]
    assert [one.chat for one in undelivered([bob.id])[bob.id]] == chats


def test_pushes_waiting_for_an_ended_session_fail(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat)
    make_due()
    release_due()
    sessions.sign_out_everywhere(bob.id)
    deliver()
    assert phone.received == []
    assert of(bob).state == "gone"
    assert states(bob) == [("failed", "gone", 1, 1)]
    assert [one.chat for one in undelivered([bob.id])[bob.id]] == [chat]


END_SESSIONS = "DELETE FROM accounts_session WHERE user_id = %s"


@contextmanager
def signing_out(user):
    """A sign-out of all devices that commits when the block ends."""
    with psycopg.connect(stores()["DATABASE_URL"]) as other:
        other.execute(END_SESSIONS, [user.id])
        yield
        other.commit()


def start_until_it_waits(work):
    """Start `work` in a thread. Returns its future when it waits for a lock or is done."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(in_thread, work)
    pool.shutdown(wait=False)
    until = time.monotonic() + 20
    while not future.done() and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                break
    return future


def test_a_push_released_during_a_sign_out_makes_no_delivery(alice, bob, chat, device):
    device(bob)
    write(alice, chat)
    make_due()
    with signing_out(bob):
        released = start_until_it_waits(release_due)
        assert not released.done()
    assert released.result(20) == 1
    assert not Delivery.objects.exists()


def test_a_read_during_a_sign_out_makes_no_clear_for_the_deleted_device(alice, bob, chat, device):
    device(bob)
    seq = write(alice, chat).seq
    make_due()
    deliver()
    with signing_out(bob):
        read = start_until_it_waits(partial(move_positions, bob.id, [Receipt(chat, read=seq)]))
        assert not read.done()
    read.result(20)
    assert not Delivery.objects.filter(kind="clear").exists()


def test_a_lock_timeout_while_releasing_does_not_end_the_pass(bob, phones):
    with signing_out(bob):
        began = time.monotonic()
        deliver()
        assert time.monotonic() - began < 10
    deliver()
    assert phones[0].received == []
    assert len(phones[1].received) == 1


def test_dropping_a_delivery_does_not_wait_for_the_others_of_its_push(alice, bob, chat, device):
    """A sign-out updates them in its own order, so waiting for them could deadlock."""
    device(bob), device(bob)
    write(alice, chat)
    make_due()
    release_due()
    [first, other] = Delivery.objects.filter(push__user=bob).order_by("id")
    [claimed] = claim(Delivery.objects.filter(id=first.id), limit=1)
    with held("SELECT FROM notifications_delivery WHERE id = %s FOR UPDATE", other.id):
        results.drop(claimed)
        assert Delivery.objects.get(id=first.id).state == "cancelled"
    results.end_abandoned()
    assert Delivery.objects.get(id=other.id).state == "cancelled"


def test_a_lock_timeout_of_one_delivery_does_not_end_the_pass(bob, phones, monkeypatch):
    prepare = payloads.prepare

    def nothing_for_bob(row, *rest):
        return None if row.push.user_id == bob.id else prepare(row, *rest)

    def locked(row):
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr(payloads, "prepare", nothing_for_bob)
    monkeypatch.setattr(results, "drop", locked)
    deliver()
    assert len(phones[1].received) == 1
    assert of(bob).state == "waiting"
