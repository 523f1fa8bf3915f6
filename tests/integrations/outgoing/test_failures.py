"""Receivers that fail, hang or are gone, and what their owner is told."""

import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.core import mail
from django.utils import timezone

from apps.core import outbound_http
from apps.core.metrics import WEBHOOK_DELIVERIES
from apps.integrations import tasks
from apps.integrations.actions import outgoing, outgoing_notices, outgoing_sender, outgoing_turns
from apps.integrations.gateways import outgoing as gateway
from apps.integrations.queries.outgoing_states import count_by_state
from tests.chats.factories import write
from tests.integrations.receivers import a_hook, receiving, send_due
from tests.support.web import serving


def sent(result):
    return WEBHOOK_DELIVERIES.labels(result)._value.get()


def test_a_failing_delivery_holds_up_the_later_ones(bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"no", status=500)
    before = sent("failed")
    for text in ("one", "two", "three"):
        write(bob, crew, text)
    send_due()
    [first] = receiver.received
    assert (hook.row.failures, sent("failed") - before) == (1, 1)
    assert count_by_state() == {"working": 0, "failing": 1, "failed": 0}
    assert hook.row.due_at > timezone.now()
    send_due()
    assert len(receiver.received) == 1, "it is tried again only later"
    receiver.answer = lambda page: page.say(b"", status=200)
    hook.set(due_at=timezone.now())
    send_due()
    assert receiver.texts == ["one", "one", "two", "three"]
    assert [each.id for each in receiver.received[:2]] == [first.id] * 2
    assert hook.row.failing_since is None
    assert count_by_state() == {"working": 1, "failing": 0, "failed": 0}
    assert [(each.state, each.attempts) for each in hook.log] == [
        ("delivered", 2),
        ("delivered", 1),
        ("delivered", 1),
    ]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_failures_and_not_followed(bob, crew, hook, receiver, status):
    with serving(lambda page: page.say()) as inside:
        receiver.answer = lambda page: page.say(b"", status=status, Location=inside.origin)
        write(bob, crew)
        send_due()
    assert inside.seen == []
    assert [(each.state, each.status) for each in hook.log] == [("waiting", status)]


def test_addresses_inside_are_refused(alice, bob, crew, hook, receiver, settings):
    """Whatever the name resolves to: the address is checked when it is connected to."""
    settings.OUTBOUND_ORIGINS = []
    hook.set(url="https://127.0.0.1/hook")
    write(bob, crew)
    send_due()
    assert receiver.received == []
    [logged] = hook.log
    assert (logged.status, logged.error) == (None, "not a public address")


def test_a_receiver_that_hangs_delays_no_other(
    alice, bob, crew, hook, receiver, settings, monkeypatch
):
    monkeypatch.setattr(gateway, "REQUEST_TIMEOUT_S", 0.5)
    over = threading.Event()
    with receiving() as slow:
        slow.answer = lambda page: over.wait(30)
        settings.OUTBOUND_ORIGINS = [receiver.web.origin, slow.web.origin]
        hanging = [a_hook(alice, crew, slow.url) for _ in range(3)]
        write(bob, crew, "one")
        write(bob, crew, "two")
        send_due()
        over.set()
    assert receiver.texts == ["one", "two"]
    for each in hanging:
        first, second = each.log
        assert (first.state, first.attempts, first.status) == ("waiting", 1, None)
        assert "TimeoutError" in first.error
        assert second.attempts == 0


def test_one_host_gets_a_limited_share_of_the_turns(alice, crew, hook, receiver, monkeypatch):
    monkeypatch.setattr(outgoing_sender, "MAX_IN_FLIGHT_PER_HOST", 1)
    other = a_hook(alice, crew, receiver.url)
    other.set(host="other.example")
    write(alice, crew)
    found = outgoing_sender.claimable([hook.row.host]).values_list("id", flat=True)
    assert [*found] == [other.id]


def test_a_huge_response_is_cut(bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"\0a" * 500_000, status=200)
    write(bob, crew)
    send_due()
    [logged] = hook.log
    assert logged.state == "delivered"
    assert logged.response == "\ufffda" * 500


def test_a_body_that_never_ends_changes_nothing(bob, crew, hook, receiver, monkeypatch):
    """The status has said that the receiver has the event."""
    monkeypatch.setattr(outbound_http, "BODY_TIMEOUT_S", 0.2)
    over = threading.Event()

    def answer(page):
        page.send_response(200)
        page.send_header("Content-Length", "100")
        page.end_headers()
        page.wfile.write(b"begun")
        page.wfile.flush()
        over.wait(30)

    receiver.answer = answer
    write(bob, crew)
    send_due()
    over.set()
    [logged] = hook.log
    assert (logged.state, logged.response) == ("delivered", "begun")


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("120", 119, 121), ("1000000", 3_590, 3_601), ("-5", 3, 6), ("soon", 3, 6)],
)
def test_retry_after_is_respected_within_bounds(bob, crew, hook, receiver, asked, least, most):
    receiver.answer = lambda page: page.say(b"", status=503, Retry_After=asked)
    write(bob, crew)
    send_due()
    wait = (hook.row.due_at - timezone.now()).total_seconds()
    assert least <= wait <= most


def test_retry_after_may_be_a_date(bob, crew, hook, receiver):
    at = format_datetime(timezone.now() + timedelta(minutes=10), usegmt=False)
    receiver.answer = lambda page: page.say(b"", status=429, Retry_After=at)
    write(bob, crew)
    send_due()
    assert 590 < (hook.row.due_at - timezone.now()).total_seconds() < 601


def test_attempts_go_on_for_a_day():
    waits, failures = timedelta(0), 0
    while waits < outgoing_turns.GIVE_UP_AFTER:
        failures += 1
        waits += outgoing_turns._delay(failures, 0)
    assert 10 <= failures <= 15


def test_the_owner_is_told_once_the_mail_host_is_back(alice, bob, crew, hook, receiver, settings):
    type(alice).objects.filter(id=alice.id).update(email="alice@example.org")
    receiver.answer = lambda page: page.say(b"", status=410)
    write(bob, crew, "one")
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_due()
    tasks.tell_webhook_owners()
    settings.EMAIL_BACKEND = works
    tasks.tell_webhook_owners()
    assert (hook.row.state, hook.row.told_owner, mail.outbox) == ("failed", False, [])
    hook.set(claimed_at=timezone.now() - outgoing_notices.LEASE)
    tasks.tell_webhook_owners()
    assert (hook.row.told_owner, len(mail.outbox)) == (True, 1)
    hook.set(claimed_at=None, told_owner=False, due_at=timezone.now() - outgoing_notices.TRY_FOR)
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    tasks.tell_webhook_owners()
    assert hook.row.told_owner


def test_a_mail_host_that_hangs_delays_no_event(alice, bob, crew, hook, receiver, monkeypatch):
    """Not those of others, and not those of a webhook that is resumed while its mail is written."""
    receiver.answer = lambda page: page.say(b"", status=410)
    write(bob, crew, "one")
    send_due()
    assert (hook.row.state, hook.row.told_owner) == ("failed", False)
    receiver.answer = lambda page: page.say(b"", status=200)
    mails = []

    def hangs(*_, **more):
        mails.append(more)
        outgoing.resume(alice.id, crew, hook.id, skip=False)
        send_due()
        assert receiver.texts == ["one", "one"]

    monkeypatch.setattr(outgoing_notices.mails, "send", hangs)
    outgoing_notices.tell_owners()
    assert len(mails) == 1
    assert (hook.row.state, hook.row.claimed_at) == ("active", None)


def test_after_a_day_it_is_switched_off_and_its_owner_is_told(alice, bob, crew, hook, receiver):
    type(alice).objects.filter(id=alice.id).update(email="alice@example.org")
    receiver.answer = lambda page: page.say(b"", status=500)
    write(bob, crew, "one")
    send_due()
    assert hook.row.state == "active"
    hook.set(due_at=timezone.now(), failing_since=timezone.now() - timedelta(days=1))
    send_due()
    tasks.tell_webhook_owners()
    assert hook.row.state == "failed"
    assert count_by_state() == {"working": 0, "failing": 0, "failed": 1}
    [told] = mail.outbox
    assert told.to == ["alice@example.org"]
    assert "Test" in told.body
    assert str(hook.id) in told.body
    write(bob, crew, "two")
    hook.set(due_at=timezone.now())
    send_due()
    tasks.tell_webhook_owners()
    assert (len(receiver.received), len(mail.outbox)) == (2, 1)
    receiver.answer = lambda page: page.say(b"", status=200)
    outgoing.resume(alice.id, crew, hook.id, skip=False)
    send_due()
    assert receiver.texts[2:] == ["one", "two"]


def test_an_address_that_is_gone_is_switched_off_at_once(bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"", status=410)
    write(bob, crew)
    send_due()
    assert hook.row.state == "failed"
    tasks.tell_webhook_owners()
    assert hook.row.told_owner
