"""Scheduled messages: sent once, when due, even if workers die; visible to their owner only."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import get_args
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from apps.accounts.models import Stream
from apps.chats.actions import groups, scheduled
from apps.chats.actions.messages import Sent
from apps.chats.models import Message, Scheduled
from apps.chats.queries import scheduled as queries
from apps.contacts.actions import contacts
from apps.core.errors import Empty, Invalid, NotFound, NotPossible, TooLong
from apps.core.identifiers import new_id
from apps.wire.events import ErrorCode
from chatproject.run.data_dir import CHECKOUT
from tests.support.people import direct_chat, in_touch, person, signed_in
from tests.support.reading import missed_by


def in_time(**much):
    return timezone.now() + timedelta(**(much or {"hours": 1}))


def plan(user, chat, text="later", **fields):
    given = {"client_id": new_id(), "due_at": in_time()} | fields
    return scheduled.schedule(user.id, chat, text=text, **given)


def make_due(*rows):
    """Set the due time to now."""
    ids = [row.id for row in rows]
    Scheduled.objects.filter(id__in=ids).update(due_at=timezone.now() - timedelta(seconds=1))


def texts(chat):
    return list(Message.objects.filter(chat_id=chat).order_by("seq").values_list("text", flat=True))


def test_the_reason_of_a_failure_has_room_for_each_error_code():
    room = Scheduled._meta.get_field("reason").max_length
    assert [code for code in get_args(ErrorCode) if len(code) > room] == []


def test_a_message_is_sent_when_due_and_not_before(alice, bob, chat, captured_events):
    row = plan(alice, chat, "good morning")
    assert scheduled.send_due() == 0
    assert texts(chat) == []
    make_due(row)
    with captured_events() as events:
        assert scheduled.send_due() == 1
    assert texts(chat) == ["good morning"]
    told = [(item.to, type(item.event).__name__) for item in events]
    assert told == [(chat, "MessageChanged"), (alice.id, "ScheduledChanged")]
    last = events[1].event.scheduled
    assert (last.state, last.seq, last.text) == ("sent", 1, "")
    assert events[0].event.message.client_id == row.client_id
    assert scheduled.send_due() == 0


def test_changes_are_published_to_the_owner_only(alice, chat, captured_events):
    with captured_events() as events:
        row = plan(alice, chat)
        scheduled.reschedule(alice.id, row.id, text="other", due_at=None)
        scheduled.cancel(alice.id, row.id)
    assert {item.to for item in events} == {alice.id}
    assert [item.event.scheduled.state for item in events] == ["waiting", "waiting", "cancelled"]
    assert [item.rev for item in events] == [item.follows + 1 for item in events]


def test_an_offline_device_gets_the_change(alice, chat):
    row = plan(alice, chat, "first")
    since = Stream.objects.get(user=alice).rev
    scheduled.reschedule(alice.id, row.id, text="second", due_at=None)
    [item], _ = missed_by(alice.id, since)
    assert item.event.scheduled.text == "second"
    assert [one.text for one in queries.of_person(alice.id)] == ["second"]
    scheduled.cancel(alice.id, row.id)
    assert queries.of_person(alice.id) == []


def test_a_repeated_client_id_returns_the_first_row(alice, chat):
    client_id = new_id()
    first = plan(alice, chat, "one", client_id=client_id)
    before = Stream.objects.get(user=alice).rev
    assert plan(alice, chat, "two", client_id=client_id).id == first.id
    assert Scheduled.objects.count() == 1
    assert Stream.objects.get(user=alice).rev == before


def test_a_cancelled_message_is_never_sent_and_its_text_deleted(alice, chat):
    row = plan(alice, chat)
    scheduled.cancel(alice.id, row.id)
    make_due(row)
    assert scheduled.send_due() == 0
    assert Scheduled.objects.get(id=row.id).text == ""


def test_a_message_to_a_former_contact_fails_with_a_reason(alice, bob, chat):
    row = plan(alice, chat)
    contacts.remove(bob.id, alice.id)
    make_due(row)
    scheduled.send_due()
    [left] = queries.of_person(alice.id)
    assert (left.state, left.reason, left.text) == ("failed", "not_contacts", "later")
    in_touch(alice, bob)
    scheduled.reschedule(alice.id, row.id, text=None, due_at=in_time())
    make_due(row)
    scheduled.send_due()
    assert texts(chat) == ["later"]


def test_a_former_members_message_is_not_sent(alice, bob):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    row = plan(bob, crew)
    groups.remove_member(alice.id, crew, person=bob.id)
    make_due(row)
    scheduled.send_due()
    assert Scheduled.objects.get(id=row.id).reason == "not_found"
    assert "later" not in texts(crew)


def test_a_claimed_or_sent_message_cannot_be_changed(alice, chat):
    row = plan(alice, chat)
    Scheduled.objects.filter(id=row.id).update(claimed_at=timezone.now())
    with pytest.raises(NotPossible):
        scheduled.cancel(alice.id, row.id)
    Scheduled.objects.filter(id=row.id).update(claimed_at=None, state="sent")
    for change in (
        lambda: scheduled.cancel(alice.id, row.id),
        lambda: scheduled.reschedule(alice.id, row.id, text="x", due_at=None),
    ):
        with pytest.raises(NotPossible):
            change()


def test_a_worker_that_lost_its_claim_overwrites_nothing(alice, chat):
    row = plan(alice, chat)
    make_due(row)
    [slow] = scheduled.claim(Scheduled.objects.all(), limit=1)
    Scheduled.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    assert scheduled.send_due() == 1
    outcome = scheduled._send(slow)
    assert isinstance(outcome, Sent)
    assert outcome.repeated
    rev = Stream.objects.get(user=alice).rev
    scheduled._finish(slow, outcome)
    assert Stream.objects.get(user=alice).rev == rev
    assert texts(chat) == ["later"]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"text": " "}, Empty),
        ({"text": "x" * 100_000}, TooLong),
        ({"text": "a\x00b"}, Invalid),
        ({"due_at": timezone.now()}, Invalid),
        ({"due_at": timezone.now() + timedelta(days=400)}, Invalid),
    ],
)
def test_invalid_texts_and_times_are_refused(alice, chat, fields, refusal):
    with pytest.raises(refusal):
        plan(alice, chat, **fields)
    assert not Scheduled.objects.exists()


def test_the_number_of_waiting_messages_is_limited(alice, chat, monkeypatch):
    monkeypatch.setattr(scheduled, "MAX_OPEN", 2)
    first = plan(alice, chat)
    plan(alice, chat)
    with pytest.raises(NotPossible):
        plan(alice, chat)
    scheduled.cancel(alice.id, first.id)
    plan(alice, chat)


def test_outsiders_can_neither_schedule_nor_see_nor_change_messages(alice, charlie, chat):
    with pytest.raises(NotFound):
        plan(charlie, chat)
    row = plan(alice, chat)
    mine, theirs = signed_in(alice), signed_in(charlie)
    assert [one["id"] for one in mine.get("/api/v1/scheduled").json()["items"]] == [str(row.id)]
    assert theirs.get("/api/v1/scheduled").json() == {"items": []}
    absent, foreign = (f"/api/v1/scheduled/{id_}" for id_ in (new_id(), row.id))
    for verb in ("patch", "delete"):
        answers = [
            getattr(theirs, verb)(path, "{}", content_type="application/json")
            for path in (absent, foreign)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert mine.delete(foreign).status_code == 204


def test_the_api_schedules_changes_and_points_to_invalid_fields(alice, chat):
    client = signed_in(alice)
    body = {"chat": str(chat), "client_id": str(new_id()), "text": "hi"}

    def post(**more):
        return client.post(
            "/api/v1/scheduled", json.dumps(body | more), content_type="application/json"
        )

    answer = post(due_at=in_time().isoformat())
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    path = f"/api/v1/scheduled/{answer.json()['id']}"
    answer = client.patch(path, json.dumps({"text": "ho"}), content_type="application/json")
    assert (answer.status_code, answer.json()["text"]) == (200, "ho")
    for wrong, pointer in (
        ({}, "#/due_at"),
        ({"due_at": "2020-01-01T00:00:00Z", "client_id": str(new_id())}, "#/due_at"),
        ({"due_at": "2999-01-01T00:00:00"}, "#/due_at"),
        ({"due_at": "x"}, "#/due_at"),
    ):
        answer = post(**wrong)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_send_each_message_once():
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    rows = [plan(alice, chat, f"text {number}") for number in range(60)]
    make_due(*rows)

    def work(_):
        try:
            return sum(iter(scheduled.send_due, 0))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = sum(pool.map(work, range(4)))
    sent = texts(chat)
    print(f"fault=workers-race injections=4 due=60 claimed={claimed} sent={len(sent)}")
    assert claimed == 60
    assert sorted(sent) == sorted(row.text for row in rows)
    assert set(Scheduled.objects.values_list("state", flat=True)) == {"sent"}


KILLED = """
import django, os, signal
django.setup()
from apps.chats.actions import scheduled
scheduled._finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
scheduled.send_due()
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_the_send_does_not_cause_a_second_send():
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    row = plan(alice, chat)
    make_due(row)
    url = urlsplit(os.environ["DATABASE_URL"])
    database = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {**os.environ, "DATABASE_URL": database}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, cwd=CHECKOUT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert texts(chat) == ["later"]
    assert Scheduled.objects.get(id=row.id).state == "waiting"
    assert scheduled.send_due() == 0, "the dead worker's claim still stands"
    Scheduled.objects.update(claimed_at=timezone.now() - timedelta(minutes=1))
    assert scheduled.send_due() == 1
    assert texts(chat) == ["later"]
    done = Scheduled.objects.get(id=row.id)
    assert (done.state, done.seq, done.attempt) == ("sent", 1, 2)


def test_failed_messages_count_towards_the_limit(alice, bob, chat, monkeypatch):
    monkeypatch.setattr(scheduled, "MAX_OPEN", 2)
    failed = plan(alice, chat)
    contacts.remove(bob.id, alice.id)
    make_due(failed)
    scheduled.send_due()
    in_touch(alice, bob)
    plan(alice, chat)
    with pytest.raises(NotPossible):
        plan(alice, chat)
    scheduled.reschedule(alice.id, failed.id, text=None, due_at=in_time())
    with pytest.raises(NotPossible):
        plan(alice, chat)


def test_an_error_with_one_message_does_not_stop_the_rest(alice, chat, monkeypatch):
    """It is retried when its claim runs out."""
    send = scheduled.send_batch

    def sent(sends):
        if sends[0].text == "poison":
            raise ZeroDivisionError
        return send(sends)

    monkeypatch.setattr(scheduled, "send_batch", sent)
    make_due(plan(alice, chat, "poison"), plan(alice, chat, "fine"))
    assert scheduled.send_due() == 2
    assert texts(chat) == ["fine"]
    assert Scheduled.objects.get(text="poison").state == "waiting"


def test_an_unavailable_database_ends_the_pass_at_the_first_message(alice, chat, monkeypatch):
    """Each message would wait seconds for a connection; fifty would exceed the task's limit."""
    tried = []

    def away(sends):
        tried.append(sends)
        raise OperationalError("away")

    monkeypatch.setattr(scheduled, "send_batch", away)
    make_due(*(plan(alice, chat) for _ in range(3)))
    with pytest.raises(OperationalError):
        scheduled.send_due()
    assert len(tried) == 1
    assert not Scheduled.objects.exclude(state="waiting").exists()


def test_a_lock_timeout_of_one_message_does_not_stop_the_rest(alice, chat, monkeypatch):
    finish = scheduled._finish

    def finished(row, outcome):
        if row.text == "locked":
            raise OperationalError from LockNotAvailable()
        finish(row, outcome)

    monkeypatch.setattr(scheduled, "_finish", finished)
    make_due(plan(alice, chat, "locked"), plan(alice, chat, "fine"))
    scheduled.send_due()
    states = Scheduled.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["waiting", "sent"]
