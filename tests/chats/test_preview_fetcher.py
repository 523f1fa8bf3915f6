"""`PreviewFetcher`: fair shares per person and host, and limits on every wait."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from apps.chats.actions import edits, preview_fetcher, previews
from apps.chats.links import host_of
from apps.chats.models import LinkPreview, Message, PreviewWait
from apps.chats.tasks import fetch_previews
from apps.core import limits, outbound_http
from tests.chats.factories import write
from tests.support.people import direct_chat
from tests.support.threads import in_thread
from tests.support.web import serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(settings):
    """A host that responds at once."""
    with serving(lambda page: page.say()) as web:
        settings.OUTBOUND_ORIGINS = [web.origin]
        yield web


@pytest.fixture
def slow(settings, page):
    """A host that responds with a page once the test allows it."""
    go_on = threading.Event()

    def answer(request):
        go_on.wait(60)
        request.say()

    with serving(answer) as web:
        settings.OUTBOUND_ORIGINS = [page.origin, web.origin]
        web.go_on = go_on
        yield web
        go_on.set()


@pytest.fixture(autouse=True)
def no_limits(monkeypatch):
    """Switch off limits per minute, which have a test of their own."""
    monkeypatch.setattr(limits, "check", lambda limit, key: None)


def previews_of(chat, seq):
    return [one["url"] for one in Message.objects.get(pk=(chat, seq)).previews or []]


def many_links(sender, chat, origin, amount):
    for number in range(0, amount, 3):
        urls = [f"{origin}/{one}" for one in range(number, number + 3)]
        write(sender, chat, " ".join(urls))


def test_many_slow_links_of_one_person_do_not_delay_others(alice, bob, charlie, slow, page):
    """Alice sends sixty links to a host that does not respond, then Charlie sends one."""
    theirs = direct_chat(alice, bob)
    many_links(alice, theirs, slow.origin, 60)
    with_bob = direct_chat(charlie, bob)
    write(charlie, with_bob, f"{page.origin}/a")
    work = threading.Thread(target=in_thread, args=[fetch_previews])
    work.start()
    try:
        deadline = time.monotonic() + 30
        while not previews_of(with_bob, 1):
            assert time.monotonic() < deadline, "it waits for Alice's"
            time.sleep(0.05)
        # None of the slow links has been fetched or given up.
        assert not LinkPreview.objects.filter(url__startswith=slow.origin, state="ready").exists()
        assert len(slow.seen) <= preview_fetcher.MAX_IN_FLIGHT_PER_PERSON
    finally:
        slow.go_on.set()
        work.join()
    assert {path for path, _ in page.seen} == {"/a"}


def test_waiting_links_of_a_person_are_limited(alice, bob, chat, page):
    many_links(alice, chat, page.origin, 60)
    assert LinkPreview.objects.count() == previews.MAX_WAITING_LINKS
    assert PreviewWait.objects.count() == previews.MAX_WAITING_LINKS
    write(bob, chat, f"{page.origin}/bobs")
    assert LinkPreview.objects.count() == previews.MAX_WAITING_LINKS + 1
    fetch_previews()
    assert previews_of(chat, 1)
    assert previews_of(chat, 20) == []
    assert not PreviewWait.objects.exists()
    write(alice, chat, f"{page.origin}/later")
    fetch_previews()
    assert previews_of(chat, 22) == [f"{page.origin}/later"]


def test_each_persons_first_link_comes_before_second_ones(alice, bob, chat, page):
    many_links(alice, chat, page.origin, 12)
    write(bob, chat, f"{page.origin}/bobs")
    assert f"{page.origin}/bobs" in [row.url for row in preview_fetcher.claim_links(2)]


def test_fetches_in_flight_are_limited_per_person_and_host(alice, bob, charlie, chat, page):
    many_links(alice, chat, page.origin, 12)
    taken = preview_fetcher.claim_links(20)
    assert len(taken) == preview_fetcher.MAX_IN_FLIGHT_PER_PERSON
    assert preview_fetcher.claim_links(20) == [], "those in flight count"
    LinkPreview.objects.update(claimed_at=None)
    for number, sender in enumerate((bob, charlie)):
        write(sender, direct_chat(bob, charlie), f"{page.origin}/{number}-of-another")
    assert len(preview_fetcher.claim_links(20)) == preview_fetcher.MAX_IN_FLIGHT_PER_HOST


def test_fetches_per_minute_are_limited_per_host(alice, bob, chat, page, monkeypatch):
    monkeypatch.undo()
    key = f"test-{time.time()}"
    monkeypatch.setattr(preview_fetcher, "HOST_LIMIT", limits.Limit(key, 2, 60))
    write(alice, chat, f"{page.origin}/1 {page.origin}/2")
    write(bob, chat, f"{page.origin}/3")
    fetch_previews()
    fetch_previews()
    assert len(page.seen) == 2
    [late] = LinkPreview.objects.filter(state="waiting")
    assert (late.attempt, late.claimed_at) == (0, None)
    assert LinkPreview.objects.filter(due_at__gt=Now() + timedelta(seconds=40)).count() == 1


def test_a_link_that_waits_too_long_is_deleted(alice, chat, page):
    write(alice, chat, f"{page.origin}/a")
    LinkPreview.objects.update(asked_at=Now() - timedelta(minutes=11))
    fetch_previews()
    assert page.seen == []
    assert not LinkPreview.objects.exists()
    assert not PreviewWait.objects.exists()
    write(alice, chat, f"{page.origin}/a")
    fetch_previews()
    assert previews_of(chat, 2) == [f"{page.origin}/a"]


def test_a_link_whose_workers_die_is_given_up(alice, chat, page):
    write(alice, chat, f"{page.origin}/poison")
    for attempt in range(1, preview_fetcher.MAX_ATTEMPTS + 1):
        [row] = preview_fetcher.claim_links(20)
        assert row.attempt == attempt
        LinkPreview.objects.update(claimed_at=Now() - timedelta(minutes=5))
    assert preview_fetcher.claim_links(20) == []
    fetch_previews()
    assert page.seen == []
    assert LinkPreview.objects.get().state == "empty"
    assert not PreviewWait.objects.exists()


def test_the_asker_is_cleared_once_a_link_is_fetched(alice, chat, page):
    write(alice, chat, f"{page.origin}/a")
    assert LinkPreview.objects.get().asker == alice.id
    fetch_previews()
    assert LinkPreview.objects.get().asker is None


def test_an_error_with_one_message_does_not_stop_the_rest(alice, chat, page, monkeypatch):
    def add_to(chat_id, seq):
        if seq == 1:
            raise ZeroDivisionError
        added(chat_id, seq)

    added = preview_fetcher._add_to
    monkeypatch.setattr(preview_fetcher, "_add_to", add_to)
    for _ in range(2):
        write(alice, chat, f"{page.origin}/a")
    fetch_previews()
    assert [previews_of(chat, seq) for seq in (1, 2)] == [[], [f"{page.origin}/a"]]
    assert not PreviewWait.objects.exists()


def test_an_unavailable_database_ends_the_pass_at_the_first_message(alice, chat, page, monkeypatch):
    """Each message would wait seconds for a connection; a hundred would exceed the task's limit."""
    tried = []

    def away(chat_id, seq):
        tried.append(seq)
        raise OperationalError("away")

    monkeypatch.setattr(preview_fetcher, "_add_to", away)
    for _ in range(2):
        write(alice, chat, f"{page.origin}/a")
    with pytest.raises(OperationalError):
        preview_fetcher.PreviewFetcher().run()
    assert len(tried) == 1
    assert PreviewWait.objects.count() == 2


def test_a_locked_chat_delays_only_its_own_previews(alice, bob, charlie, chat, page):
    """They are added once the chat is unlocked."""
    other = direct_chat(bob, charlie)
    write(alice, chat, f"{page.origin}/a")
    write(bob, other, f"{page.origin}/a")
    held, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM chats_chat WHERE id = %s FOR UPDATE", [chat])
            held.set()
            release.wait(60)

    holder = threading.Thread(target=in_thread, args=[hold])
    holder.start()
    try:
        assert held.wait(20)
        fetch_previews()
        assert previews_of(other, 1) == [f"{page.origin}/a"]
        assert previews_of(chat, 1) == []
    finally:
        release.set()
        holder.join()
    fetch_previews()
    assert previews_of(chat, 1) == [f"{page.origin}/a"]


def test_clean_up_skips_links_locked_by_a_send(alice, chat, page):
    """The send locks links in an order of its own, so waiting for it could deadlock."""
    write(alice, chat, f"{page.origin}/a {page.origin}/b")
    fetch_previews()
    LinkPreview.objects.update(fetched_at=Now() - timedelta(hours=3))
    held, release = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            first = LinkPreview.objects.order_by("url_hash").select_for_update()[:1]
            assert len(first) == 1
            held.set()
            release.wait(60)

    holder = threading.Thread(target=in_thread, args=[hold])
    holder.start()
    try:
        assert held.wait(20)
        preview_fetcher.clean_up()
        assert LinkPreview.objects.count() == 1
    finally:
        release.set()
        holder.join()


def test_names_with_a_silent_server_do_not_delay_other_links(alice, bob, chat, page, monkeypatch):
    """`getaddrinfo` does not return before the test allows it."""
    silent, asked = threading.Event(), threading.Semaphore(0)

    def getaddrinfo(host, *given, **named):
        asked.release()
        silent.wait(60)
        raise OSError("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(outbound_http, "DNS_TIMEOUT_S", 0.3)
    write(alice, chat, " ".join(f"https://n{number}.example.org/" for number in range(3)))
    write(bob, chat, f"{page.origin}/a")
    try:
        began = time.monotonic()
        fetch_previews()
        took = time.monotonic() - began
    finally:
        silent.set()
    for _ in range(3):
        assert asked.acquire(timeout=1)
    assert previews_of(chat, 2) == [f"{page.origin}/a"]
    assert not LinkPreview.objects.filter(state="waiting").exists()
    assert took < preview_fetcher.LEASE.total_seconds() / 2


def test_an_edit_requests_links_for_the_author(alice, chat, page):
    write(alice, chat, "nothing")
    edits.edit_message(alice.id, chat, seq=1, text=f"{page.origin}/a")
    assert LinkPreview.objects.get().asker == alice.id


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.org/a", "example.org"),
        ("https://example.org?q", "example.org"),
        ("https://user@example.org:8443#x", "example.org:8443"),
        ("http://x", "x"),
        ("https://example.org\\@elsewhere.org/", "example.org"),
        ("https://user@name@example.org/@x", "example.org"),
        ("https://" + "a" * 2000, "a" * 255),
    ],
)
def test_links_are_counted_by_the_named_host(url, host):
    assert host_of(url) == host
