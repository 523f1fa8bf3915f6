"""What is wrong with one delivery is its own matter: the others are carried all the same."""

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
from apps.chats.actions.receipts import Move, move_positions
from apps.core.claims import claim
from apps.core.wake import SLOT_S
from apps.notifications import tasks
from apps.notifications.actions import courier, outcomes, parcels
from apps.notifications.actions.releasing import release_due
from apps.notifications.models import Delivery, Subscription
from apps.notifications.queries.why import undelivered
from apps.notifications.vapid import contact
from chatproject.run.release import apply_if_pending
from tests.chats.talk import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.locks import held
from tests.support.people import direct_chat
from tests.support.servers import stores
from tests.support.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phones(alice, bob, charlie, device):
    """Bob's and Charlie's, with a push due for each, Bob's first."""
    made = device(bob), device(charlie)
    for friend in (bob, charlie):
        write(alice, direct_chat(alice, friend))
        make_due()
    return made


def of(user):
    return Delivery.objects.get(push__user=user)


def test_a_gateway_that_is_no_more_stops_only_its_own_devices(bob, phones):
    Subscription.objects.filter(user=bob).update(gateway="fcm")
    assert deliver() == 2
    assert len(phones[1].received) == 1
    assert (of(bob).state, of(bob).claimed_at) == ("waiting", None)
    for _ in range(4):
        make_due()
        deliver()
    assert (of(bob).state, of(bob).attempt) == ("parked", 5)
    assert states(bob) == [("failed", "parked", 1, 1)]


def test_a_push_that_cannot_be_made_is_parked_and_the_others_go(bob, phones, monkeypatch):
    def describe(person, chat, **run):
        if person == bob.id:
            raise ZeroDivisionError
        return made(person, chat, **run)

    made = parcels.describe
    monkeypatch.setattr(parcels, "describe", describe)
    for _ in range(5):
        make_due()
        deliver()
    assert len(phones[1].received) == 1
    assert of(bob).state == "parked"


def test_a_device_that_signs_out_when_its_push_is_claimed_is_gone(bob, phones, monkeypatch):
    def claim(*given, **named):
        taken = claimed(*given, **named)
        sessions.sign_out_everywhere(bob.id)
        return taken

    claimed = courier.claim
    monkeypatch.setattr(courier, "claim", claim)
    deliver()
    assert [len(phone.received) for phone in phones] == [0, 1]
    assert of(bob).state == "gone"
    assert states(bob)[0][0] == "failed"


def test_a_contact_that_cannot_sign_is_said_at_the_start(bob, phones, settings):
    settings.VAPID_CONTACT = "mailto:parley@host"
    [wrong] = run_checks()
    assert "mailto:parley@host" in wrong.msg
    assert deliver() == 2
    assert of(bob).state == "waiting"
    settings.VAPID_CONTACT = "mailto:parley@host.example"
    assert run_checks() == []


def test_nothing_starts_with_a_contact_that_cannot_sign(service, settings):
    settings.VAPID_CONTACT = "mailto:parley@host"
    with pytest.raises(SystemExit, match="mailto:parley@host"):
        apply_if_pending()


def test_a_key_that_is_none_is_said_at_the_start(settings):
    settings.VAPID_PRIVATE_KEY = "abc"
    [wrong] = run_checks()
    assert "VAPID_PRIVATE_KEY" in wrong.msg


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("parley@attic", "mailto:parley@attic.local"),
        ("Parley <chat@example.org>", "mailto:chat@example.org"),
        ("parley@localhost", "mailto:parley@localhost"),
        ("parley@192.168.1.5", "mailto:parley@192.168.1.5"),
        ("parley@::1", "mailto:parley@localhost"),
    ],
)
def test_the_contact_follows_from_the_sender_of_mail(settings, service, sender, expected):
    settings.VAPID_CONTACT = ""
    settings.DEFAULT_FROM_EMAIL = sender
    assert contact() == expected
    assert run_checks() == []


@pytest.mark.parametrize("year", ["99999", "99999999999999"])
def test_an_absurd_time_to_come_back_is_overlooked(bob, phones, year):
    phones[0].answer = lambda page: page.say(
        b"", status=429, Retry_After=f"Fri, 31 Dec {year} 23:59:59 GMT"
    )
    deliver()
    assert (of(bob).state, of(bob).status) == ("waiting", 429)
    assert len(phones[1].received) == 1


def test_what_was_read_before_it_was_sent_is_in_nobodys_way(alice, bob, charlie, device):
    phone = device(bob)
    read, unread = direct_chat(alice, bob), direct_chat(charlie, bob)
    write(alice, read)
    make_due()
    release_due()
    move_positions(bob.id, [Move(read, read=1)])
    write(charlie, unread)
    make_due()
    assert deliver() == 1
    assert [one["chat"] for one in phone.payloads] == [str(unread)]
    assert [state for state, *_ in states(bob)] == ["cancelled", "sent"]


def test_a_pass_ends_under_a_load_that_does_not(alice, bob, chat, device, monkeypatch):
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
    monkeypatch.setattr(tasks.wake, "after", woken.append)
    monkeypatch.setattr(tasks, "Courier", lambda: courier.Courier(seconds=0.5))
    tasks.push()
    assert 0 < len(phone.received) < 200
    assert states(bob)[-1][0] == "pending"
    assert woken.count(SLOT_S) == 1
    phone.answer = 201
    deliver()
    tasks.push()
    assert woken.count(SLOT_S) == 1


class Hanging:
    """A gateway whose host never answers, without a time limit of its own."""

    def check(self, destination):
        return "hanging"

    async def send(self, destination, payload, **options):
        await asyncio.Event().wait()


class Stubborn(Hanging):
    """A gateway that is cancelled and goes on for a second."""

    async def send(self, destination, payload, **options):
        end = time.monotonic() + 1
        while time.monotonic() < end:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", [Hanging, Stubborn])
def test_a_gateway_that_hangs_is_cut_off_and_the_others_go(
    bob, phones, monkeypatch, settings, kind
):
    settings.PUSH_GATEWAYS = {**settings.PUSH_GATEWAYS, "slow": f"{__name__}.{kind.__name__}"}
    Subscription.objects.filter(user=bob).update(gateway="slow")
    monkeypatch.setattr(courier, "SEND_TIMEOUT_S", 0.2 if kind is Hanging else 60)
    monkeypatch.setattr(courier, "GIVE_UP_S", 0.2)
    monkeypatch.setattr(courier, "LOOK_EVERY", 0.1)
    assert courier.Courier(seconds=0.3).run() == 2
    assert len(phones[1].received) == 1
    assert (of(bob).state, of(bob).attempt, of(bob).claimed_at) == ("waiting", 1, None)


def test_a_delivery_that_kills_its_worker_five_times_is_parked(bob, phones):
    """Each worker claims it and dies before it records anything."""
    release_due()
    Delivery.objects.filter(push__user=bob).update(attempt=4)
    [row] = courier.claim(courier.claimable([]), most=1, lease=parcels.LEASE)
    assert row.attempt == 5
    Delivery.objects.filter(id=row.id).update(claimed_at=Now() - 2 * parcels.LEASE)
    assert deliver() == 1
    assert len(phones[1].received) == 1
    assert of(bob).state == "parked"
    assert states(bob) == [("failed", "parked", 1, 1)]


def test_an_outage_of_the_database_is_two_lines_in_the_log(
    phones, outage_at_once, monkeypatch, caplog
):
    def away():
        raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(courier, "release_due", away)
        for _ in range(10):
            tasks.push()
    assert len(caplog.records) == 1
    assert "unavailable" in caplog.text
    tasks.push()
    assert len(phones[0].received) == len(phones[1].received) == 1
    assert len(caplog.records) == 2
    assert "available again" in caplog.text


def test_what_waits_for_a_device_that_is_gone_has_failed(alice, bob, charlie, device):
    phone = device(bob)
    phone.answer = 410
    chats = [direct_chat(alice, bob), direct_chat(charlie, bob)]
    for sender, chat in zip((alice, charlie), chats, strict=True):
        write(sender, chat)
        make_due()
    deliver()
    assert len(phone.received) == 1
    assert [state for state, *_ in states(bob)] == ["failed", "failed"]
    assert [one.chat for one in undelivered(bob.id)] == chats


def test_what_waits_for_a_session_that_ended_has_failed(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat)
    make_due()
    release_due()
    sessions.sign_out_everywhere(bob.id)
    deliver()
    assert phone.received == []
    assert of(bob).state == "gone"
    assert states(bob) == [("failed", "gone", 1, 1)]
    assert [one.chat for one in undelivered(bob.id)] == [chat]


END_SESSIONS = "DELETE FROM accounts_session WHERE user_id = %s"


@contextmanager
def signing_out(user):
    """A sign-out of all devices that commits when the block ends."""
    with psycopg.connect(stores()["DATABASE_URL"]) as other:
        other.execute(END_SESSIONS, [user.id])
        yield
        other.commit()


def meanwhile(work):
    """Begin `work` and return it when it waits for a lock."""
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


def test_a_push_that_is_released_during_a_sign_out_names_no_device(alice, bob, chat, device):
    device(bob)
    write(alice, chat)
    make_due()
    with signing_out(bob):
        released = meanwhile(release_due)
        assert not released.done()
    assert released.result(20) == 1
    assert not Delivery.objects.exists()


def test_what_is_read_during_a_sign_out_clears_no_device_that_is_gone(alice, bob, chat, device):
    device(bob)
    seq = write(alice, chat).seq
    make_due()
    deliver()
    with signing_out(bob):
        read = meanwhile(partial(move_positions, bob.id, [Move(chat, read=seq)]))
        assert not read.done()
    read.result(20)
    assert not Delivery.objects.filter(kind="clear").exists()


def test_a_release_that_waits_too_long_does_not_end_the_pass(bob, phones):
    with signing_out(bob):
        began = time.monotonic()
        deliver()
        assert time.monotonic() - began < 10
    deliver()
    assert phones[0].received == []
    assert len(phones[1].received) == 1


def test_a_dropped_push_waits_for_none_of_its_other_deliveries(alice, bob, chat, device):
    """A sign-out changes them in an order of its own: whoever waited for them would deadlock."""
    device(bob), device(bob)
    write(alice, chat)
    make_due()
    release_due()
    [first, other] = Delivery.objects.filter(push__user=bob).order_by("id")
    [claimed] = claim(Delivery.objects.filter(id=first.id), most=1)
    with held("SELECT FROM notifications_delivery WHERE id = %s FOR UPDATE", other.id):
        outcomes.drop(claimed)
        assert Delivery.objects.get(id=first.id).state == "cancelled"
    outcomes.settle()
    assert Delivery.objects.get(id=other.id).state == "cancelled"


def test_a_push_that_waits_too_long_for_a_lock_does_not_end_the_pass(bob, phones, monkeypatch):
    pack = parcels.pack

    def nothing_for_bob(row, *rest):
        return None if row.push.user_id == bob.id else pack(row, *rest)

    def locked(row):
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr(parcels, "pack", nothing_for_bob)
    monkeypatch.setattr(outcomes, "drop", locked)
    deliver()
    assert len(phones[1].received) == 1
    assert of(bob).state == "waiting"
