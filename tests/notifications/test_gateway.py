"""Push hosts that respond with errors, slowly, or not at all; and which devices are accepted."""

import threading
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from apps.chats.actions.receipts import Receipt, move_positions
from apps.core.claims import claim
from apps.core.errors import Invalid, NotPossible
from apps.notifications.actions import results
from apps.notifications.actions.fan_out import release_due
from apps.notifications.actions.payloads import CLAIM_LEASE
from apps.notifications.actions.sender import PushSender, claimable
from apps.notifications.actions.subscriptions import subscribe
from apps.notifications.gateways.base import Outcome, SendResult
from apps.notifications.models import Delivery, Push, Subscription
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import direct_chat, person, session_of
from tests.support.threads import in_thread
from tests.support.web import serving

pytestmark = pytest.mark.django_db(transaction=True)


def one_delivery():
    return Delivery.objects.get()


def test_a_device_that_the_host_reports_gone_is_deleted(alice, bob, chat, device):
    for status in (404, 410):
        phone = device(bob)
        phone.answer = status
        write(alice, chat)
        make_due()
        deliver()
        assert len(phone.received) == 1
        assert not Subscription.objects.exists()
    assert [state for state, *_ in states(bob)] == ["failed", "failed"]
    write(alice, chat)
    assert len(states(bob)) == 2


def test_a_busy_host_is_retried_after_its_retry_after(alice, bob, chat, device):
    phone = device(bob)
    phone.answer = lambda page: page.say(b"", status=429, Retry_After="120")
    write(alice, chat)
    make_due()
    deliver()
    row = one_delivery()
    assert (row.state, row.status, row.attempt, row.claimed_at) == ("waiting", 429, 1, None)
    assert Delivery.objects.filter(due_at__gt=Now() + timedelta(seconds=110)).exists()
    assert deliver() == 0
    phone.answer = 201
    make_due()
    assert deliver() == 1
    assert states(bob) == [("sent", "all", 1, 1)]


def test_retry_waits_grow_and_the_fifth_failure_is_the_last(alice, bob, chat, device):
    phone = device(bob)
    phone.answer = 500
    write(alice, chat)
    waits = []
    for _ in range(5):
        make_due()
        assert deliver() == 1
        row = one_delivery()
        waits.append((row.due_at - timezone.now()).total_seconds())
    assert len(phone.received) == 5
    assert all(later > earlier * 2 for earlier, later in pairwise(waits[:4]))
    assert (row.state, row.attempt) == ("parked", 5)
    assert states(bob) == [("failed", "parked", 1, 1)]
    make_due()
    assert deliver() == 0


def test_a_failed_delivery_is_not_retried_once_the_chat_is_read(alice, bob, chat, device):
    phone = device(bob)
    phone.answer = 503
    write(alice, chat)
    make_due()
    deliver()
    move_positions(bob.id, [Receipt(chat, read=1)])
    make_due()
    assert deliver() == 0
    assert len(phone.received) == 1
    assert one_delivery().state == "cancelled"
    assert states(bob) == [("cancelled", "all", 1, 1)]
    assert Push.objects.get().late


def test_a_read_while_a_push_is_being_sent_clears_it(alice, bob, chat, device):
    phone = device(bob)

    def read_during_the_push(page):
        # This runs in the thread of the push host, so the read needs a transaction of its own.
        done = threading.Thread(
            target=lambda: in_thread(partial(move_positions, bob.id, [Receipt(chat, read=1)]))
        )
        phone.answer = 201
        done.start()
        done.join()
        page.say(b"", status=201)

    phone.answer = read_during_the_push
    write(alice, chat)
    make_due()
    assert deliver() == 2
    assert [one.payload["kind"] for one in phone.received] == ["show", "clear"]
    assert (states(bob)[0][0], Push.objects.get().late) == ("sent", True)


def test_a_payload_that_is_too_big_is_sent_without_content(alice, bob, chat, device):
    phone = device(bob)
    phone.answer = lambda page: page.say(b"", status=413 if len(phone.received) == 1 else 201)
    write(alice, chat, "long")
    make_due()
    deliver()
    first, second = [one.payload for one in phone.received]
    assert first["body"] == "long"
    assert "body" not in second
    assert "title" not in second
    assert states(bob)[0][0] == "sent"


def test_a_redirect_is_not_followed(alice, bob, chat, device, settings):
    with serving(lambda page: page.say()) as inside:
        phone = device(bob)
        phone.answer = lambda page: page.say(b"", status=307, Location=f"{inside.origin}/steal")
        write(alice, chat)
        make_due()
        deliver()
        assert inside.seen == []
    assert (one_delivery().state, one_delivery().status) == ("refused", 307)


def test_an_internal_address_is_never_contacted(alice, bob, chat, device, settings, service):
    phone = device(bob)
    settings.OUTBOUND_ORIGINS = []
    write(alice, chat)
    make_due()
    deliver()
    assert phone.received == []
    assert (one_delivery().state, one_delivery().status) == ("refused", None)


def test_a_hanging_host_does_not_delay_other_hosts(alice, device, service, settings):
    """Forty devices on a host that never responds, and one on a host that does."""
    let_go = threading.Event()
    with serving(lambda page: (let_go.wait(60), page.say())) as slow:
        # The same machine under another name counts as another host.
        hanging = slow.origin.replace("127.0.0.1", "localhost")
        settings.OUTBOUND_ORIGINS = [service.origin, hanging]
        settings.PUSH_HOSTS = ["127.0.0.1", "localhost"]
        for number in range(40):
            friend = person(f"friend{number}")
            path = device(friend).path
            mine = Subscription.objects.filter(user=friend)
            mine.update(host="localhost", endpoint=hanging + path)
            write(alice, direct_chat(alice, friend))
        quick = person("quick")
        phone = device(quick)
        write(alice, direct_chat(alice, quick))
        make_due()
        working = threading.Thread(target=lambda: in_thread(PushSender().run))
        working.start()
        try:
            service.wait_for(lambda: len(phone.payloads) == 1)
            assert Delivery.objects.filter(host="localhost", claimed_at=None).exists()
        finally:
            let_go.set()
            working.join()


def test_a_dead_workers_delivery_is_sent_when_its_claim_expires(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat)
    make_due()
    release_due()
    [row] = claim(claimable([]), limit=10, lease=CLAIM_LEASE)
    assert deliver() == 0
    Delivery.objects.update(claimed_at=Now() - CLAIM_LEASE - timedelta(seconds=1))
    assert deliver() == 1
    assert len(phone.received) == 1
    # The worker was only slow: its late result is ignored.
    results.record(row, SendResult(Outcome.REFUSED, 400))
    assert one_delivery().state == "sent"


def test_a_dead_workers_delivery_is_not_sent_once_the_chat_is_read(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat)
    make_due()
    release_due()
    assert len(claim(claimable([]), limit=10, lease=CLAIM_LEASE)) == 1
    move_positions(bob.id, [Receipt(chat, read=1)])
    Delivery.objects.update(claimed_at=Now() - CLAIM_LEASE - timedelta(seconds=1))
    assert deliver() == 0
    assert phone.received == []
    assert (states(bob)[0][0], one_delivery().state) == ("cancelled", "cancelled")


def test_pushes_to_one_device_keep_their_order(alice, bob, charlie, device):
    phone = device(bob)
    chats = [direct_chat(alice, bob), direct_chat(charlie, bob)]
    for sender, chat in zip((alice, charlie), chats, strict=True):
        write(sender, chat)
        make_due()
    for _ in range(3):
        write(alice, chats[0])
    make_due()
    deliver()
    order = [one["chat"] for one in phone.payloads]
    rows = Delivery.objects.filter(state="sent").order_by("created_at")
    assert order == [str(row.push.chat_id) for row in rows]


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/push",
        "https://fcm.googleapis.com.evil.example/x",
        "https://127.0.0.1/x",
        "http://fcm.googleapis.com/x",
        "https://user:word@fcm.googleapis.com/x",
        "https://2130706433/x",
        "file:///etc/passwd",
        "not an address",
    ],
)
def test_only_addresses_of_push_services_are_accepted_as_endpoints(bob, device, settings, endpoint):
    keys = device(bob).keys
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]
    settings.OUTBOUND_ORIGINS = []
    before = Subscription.objects.count()
    with pytest.raises(Invalid) as refused:
        subscribe(bob.id, session_key=session_of(bob), endpoint=endpoint, keys=keys)
    assert refused.value.pointer == "#/endpoint"
    assert Subscription.objects.count() == before


@pytest.mark.parametrize("name", ["p256dh", "auth"])
def test_malformed_keys_are_refused(bob, device, service, name):
    phone = device(bob)
    with pytest.raises(Invalid) as refused:
        subscribe(
            bob.id,
            session_key=session_of(bob),
            endpoint=phone.endpoint,
            keys=phone.keys | {name: "AAAA"},
        )
    assert refused.value.pointer == f"#/keys/{name}"


def test_an_endpoint_belongs_to_one_person(alice, bob, service):
    """Another person can sign in to the same browser; knowing its endpoint alone is not enough."""
    browser, other = service.browser(), service.browser()

    def ask(user, keys):
        return subscribe(
            user.id, session_key=session_of(user), endpoint=browser.endpoint, keys=keys
        )

    ask(alice, browser.keys)
    with pytest.raises(NotPossible):
        ask(bob, other.keys)
    assert Subscription.objects.get().user == alice
    ask(bob, browser.keys)
    assert Subscription.objects.get().user == bob
