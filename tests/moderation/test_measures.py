"""Warning people and slowing them down, at every door."""

import json
import re
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from itertools import product

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from msgspec.structs import replace

from apps.accounts.actions import warnings
from apps.accounts.actions.erasure import erase
from apps.accounts.models import PersonWarning, Slowdown, Suspension, User
from apps.accounts.queries import data_export, profiles
from apps.chats.actions import scheduled
from apps.chats.actions.messages import Sent, send_batch
from apps.chats.models import Message, Scheduled
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible, Slowed
from apps.core.identifiers import new_id
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from apps.wire.events import MeChanged
from tests.chats.factories import a_send, write
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.test_chats import ROLES, TABLE, TARGETS
from tests.moderation.test_entries import OPERATOR, put, somebody
from tests.support.people import signed_in

API = "/api/v1/moderation/people"
JSON = "application/json"


def soon(**more):
    return timezone.now() + timedelta(**more or {"hours": 1})


def slow(whom, *, interval_s=60, until=None, by=OPERATOR):
    people.slow_down(
        by, whom.id, interval_s=interval_s, until=until or soon(), reason="You flood the group"
    )


def me(user):
    return profiles.me(user.id)


def test_a_warning_reaches_all_devices_and_is_acknowledged_once(
    alice, bob, chat, moderator, captured_events
):
    sent = write(bob, chat, "You fool")
    asked = Reported(kind="entry", reason="harassment", chat=chat, seq=sent.seq)
    report = create_report(alice.id, asked).report
    with captured_events() as events:
        row = people.warn(By(moderator.id, Door.API), bob.id, reason="No insults", report=report.id)
    [event] = [item.event for item in events if isinstance(item.event, MeChanged)]
    [shown] = event.me.warnings
    assert (shown.text, shown.chat, shown.seq) == ("No insults", chat, sent.seq)
    assert me(bob).warnings == [shown]
    [record] = AuditRecord.objects.filter(action="warn")
    assert (record.person, record.chat, record.seq, record.report) == (
        bob.id,
        chat,
        sent.seq,
        report.id,
    )
    address = f"/api/v1/warnings/{row.id}/acknowledge"
    assert signed_in(alice).post(address).status_code == 404, "a warning of somebody else"
    with captured_events() as events:
        for _ in range(2):
            assert signed_in(bob).post(address).status_code == 204
    [event] = [item.event for item in events if isinstance(item.event, MeChanged)]
    assert event.me.warnings == []
    [kept] = signed_in(bob).get("/api/v1/warnings").json()["items"]
    assert kept["text"] == "No insults"
    listed = signed_in(moderator).get(f"{API}/{bob.id}/warnings").json()["items"]
    assert [item["acknowledged_at"] is not None for item in listed] == [True]


def test_each_of_two_warnings_is_acknowledged(bob):
    first, second = (people.warn(OPERATOR, bob.id, reason=text) for text in ("One", "Two"))
    assert [item.text for item in me(bob).warnings] == ["One", "Two"]
    warnings.acknowledge(bob.id, first.id)
    assert [item.text for item in me(bob).warnings] == ["Two"]
    warnings.acknowledge(bob.id, second.id)
    assert not User.objects.get(id=bob.id).has_warning


def test_a_warning_refers_to_a_report_about_its_person(alice, bob, chat):
    sent = write(bob, chat, "You fool")
    asked = Reported(kind="entry", reason="spam", chat=chat, seq=sent.seq)
    report = create_report(alice.id, asked).report
    with pytest.raises(NotFound):
        people.warn(OPERATOR, alice.id, reason="No insults", report=report.id)
    with pytest.raises(Invalid):
        people.warn(OPERATOR, bob.id, reason=" ")
    assert not PersonWarning.objects.exists()


def test_a_warning_does_not_say_where_the_reporter_met_its_person(alice, bob, chat):
    asked = Reported(kind="person", reason="spam", person=bob.id, chat=chat)
    report = create_report(alice.id, asked).report
    people.warn(OPERATOR, bob.id, reason="No spam", report=report.id)
    [shown] = me(bob).warnings
    assert (shown.text, shown.chat, shown.seq) == ("No spam", None, None)
    assert AuditRecord.objects.get(action="warn").chat == chat


def test_a_slowed_person_sends_once_in_an_interval_in_all_chats_together(alice, bob, chat, crew):
    slow(bob)
    shown = me(bob).slowdown
    assert (shown.interval_s, shown.reason) == (60, "You flood the group")
    first, again = a_send(bob, chat, "One"), a_send(bob, crew, "Two")
    others = a_send(alice, chat, "Hers")
    outcomes = send_batch([first, again, others])
    assert [type(outcome) for outcome in outcomes] == [Sent, Slowed, Sent]
    assert 50 < outcomes[1].retry_after <= 60
    assert (outcomes[1].code, outcomes[1].status) == ("slowed", 429)
    [repeated, refused] = send_batch([first, again])
    assert repeated.repeated
    assert repeated.seq == outcomes[0].seq
    assert isinstance(refused, Slowed)
    texts = Message.objects.filter(chat_id=chat, kind="text").order_by("seq")
    assert [*texts.values_list("text", flat=True)] == ["Hers", "One"]
    Slowdown.objects.update(sent_at=soon(seconds=-61))
    [outcome] = send_batch([again])
    assert isinstance(outcome, Sent)


def test_events_of_a_batch_with_a_slowed_sender_are_in_order(alice, bob, chat, captured_events):
    slow(bob)
    with captured_events() as events:
        send_batch([a_send(bob, chat, "His"), a_send(alice, chat, "Hers")])
    revs = [item.rev for item in events if item.to == chat]
    assert revs == sorted(revs)
    assert len(revs) == 2


def test_a_refused_message_does_not_use_the_interval_up(bob, chat):
    slow(bob)
    [refused] = send_batch([replace(a_send(bob, chat), reply_to=999)])
    assert isinstance(refused, NotFound)
    [sent] = send_batch([a_send(bob, chat)])
    assert isinstance(sent, Sent)


@pytest.mark.parametrize("ended", ["over", "lifted"])
def test_a_slowdown_ends(bob, chat, ended):
    slow(bob)
    write(bob, chat, "One")
    if ended == "lifted":
        people.end_slowdown(OPERATOR, bob.id, reason="Enough")
        assert AuditRecord.objects.latest("number").action == "end_slowdown"
    else:
        User.objects.update(slowed_until=soon(seconds=-1))
        Slowdown.objects.update(until=soon(seconds=-1))
    assert me(bob).slowdown is None
    write(bob, chat, "Two")
    with pytest.raises(NotPossible):
        people.end_slowdown(OPERATOR, bob.id)


def test_a_send_of_somebody_else_runs_no_further_statement(alice, bob, chat):
    write(alice, chat, "Warm")
    slow(bob)
    with order_of_locks() as tables:
        write(alice, chat, "One")
    assert "accounts_slowdown" not in tables


def test_a_scheduled_message_waits_for_its_turn(bob, chat):
    slow(bob)
    write(bob, chat, "One")
    row = scheduled.schedule(bob.id, chat, client_id=new_id(), text="Later", due_at=soon(seconds=5))
    Scheduled.objects.update(due_at=soon(seconds=-1))
    assert scheduled.send_due() == 1
    row.refresh_from_db()
    assert row.state == Scheduled.State.WAITING
    assert row.due_at > soon(seconds=50)
    Slowdown.objects.update(sent_at=soon(seconds=-61))
    Scheduled.objects.update(due_at=soon(seconds=-1))
    scheduled.send_due()
    row.refresh_from_db()
    assert row.state == Scheduled.State.SENT


def test_the_locks_are_in_the_documented_order(alice, bob, chat):
    row = people.warn(OPERATOR, bob.id, reason="Spam")
    for action in (
        lambda: people.warn(OPERATOR, alice.id, reason="Spam"),
        lambda: slow(bob),
        lambda: slow(bob),
        lambda: people.end_slowdown(OPERATOR, bob.id),
        lambda: warnings.acknowledge(bob.id, row.id),
    ):
        with order_of_locks() as tables:
            action()
        assert in_order(tables), tables


def test_a_slowed_send_locks_the_slowdown_after_the_members_of_the_others(alice, bob, chat):
    slow(bob)
    with order_of_locks() as tables:
        write(bob, chat, "One")
    assert tables == ["chats_chat", "chats_member", "accounts_slowdown"]


@pytest.mark.parametrize(
    "wrong", [{"interval_s": 0}, {"interval_s": 100_000}, {"until": soon(hours=-1)}]
)
def test_a_slowdown_has_an_interval_and_an_end(bob, wrong):
    with pytest.raises(Invalid):
        slow(bob, **wrong)
    assert not Slowdown.objects.exists()


@pytest.mark.parametrize(("role", "whom"), [*product(ROLES, TARGETS)])
def test_each_role_acts_only_where_it_may(crew, role, whom):
    acting = None if role == "operator" else put(somebody(role, "actor"), crew)
    target = acting if whom == "self" and acting else put(somebody(whom, "target"), crew)
    who = OPERATOR if acting is None else By(acting.id, Door.API)
    expected = TABLE[role][whom]
    for action in (
        lambda: people.warn(who, target.id, reason="Spam"),
        lambda: slow(target, by=who),
        lambda: people.end_slowdown(who, target.id),
    ):
        before = AuditRecord.objects.count()
        found = None
        try:
            action()
        except Forbidden as error:
            found = type(error)
        except NotPossible:
            raise AssertionError("the slowdown before it was refused") from None
        assert found is expected
        assert AuditRecord.objects.count() - before == (expected is None)
    assert PersonWarning.objects.exists() == (expected is None)


def test_the_api_of_moderators(bob, moderator):
    client = signed_in(moderator)
    body = {"reason": "Flood", "interval_s": 30, "until": soon().isoformat()}
    address = f"{API}/{bob.id}/slowdown"
    assert client.put(address, body, content_type=JSON).status_code == 204
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 409
    answer = client.post(f"{API}/{bob.id}/warnings", {"reason": "Flood"}, content_type=JSON)
    assert answer.status_code == 201
    assert answer.json()["text"] == "Flood"
    assert client.get(f"{API}/{new_id()}/warnings").status_code == 404


def test_the_admin(alice, bob, moderator):
    client = signed_in(moderator)
    for name, form in (
        ("personwarning", {"user": bob.username, "text": "No insults"}),
        (
            "slowdown",
            {
                "user": bob.username,
                "interval_s": 60,
                "reason": "Flood",
                "until": "2099-01-01T12:00",
            },
        ),
    ):
        add = reverse(f"admin:accounts_{name}_add")
        assert client.get(add).status_code == 200
        page = client.post(add, form, follow=True).content.decode()
        assert "bob" in page
        assert form.get("text", form.get("reason")) in page
    row = Slowdown.objects.get()
    listed = reverse("admin:accounts_slowdown_changelist")
    client.post(listed, {"action": "end", "_selected_action": [str(row.pk)]})
    assert not Slowdown.objects.exists()
    add = reverse("admin:accounts_personwarning_add")
    page = client.post(
        add, {"user": moderator.username, "text": "Me"}, follow=True
    ).content.decode()
    assert "not on themselves" in page
    assert signed_in(alice).get(add).status_code == 302
    doors = AuditRecord.objects.order_by("number").values_list("action", "door")
    assert [*doors] == [("warn", "admin"), ("slow_down", "admin"), ("end_slowdown", "admin")]


def test_the_page_of_a_report(alice, bob, moderator):
    asked = Reported(kind="person", reason="spam", person=bob.id)
    report = create_report(alice.id, asked).report
    at = reverse("admin:moderation_report_change", args=[report.id])
    client, form = signed_in(moderator), {"reason": "Spam", "until": ""}
    assert "was warned" in client.post(at, {**form, "_warn": "1"}, follow=True).content.decode()
    page = client.post(at, {**form, "_slow": "1"}, follow=True).content.decode()
    assert "Until when, and how many seconds" in page
    whole = {"until": "2099-01-01T12:00", "interval_s": "60", "_slow": "1"}
    page = client.post(at, {**form, **whole}, follow=True).content.decode()
    assert "is slowed down" in page
    assert Slowdown.objects.get().user_id == bob.id
    assert "One message in 60 seconds, until" in page
    page = client.post(at, {**form, "_end_slowdown": "1"}, follow=True).content.decode()
    assert "can write as before" in page
    assert not Slowdown.objects.exists()
    assert "_lift" not in page, "nothing to lift"
    people.suspend(By(moderator.id, Door.API), bob.id, until=soon(), reason="Spam")
    assert "_lift" in client.get(at).content.decode()
    page = client.post(at, {**form, "_lift": "1"}, follow=True).content.decode()
    assert "can sign in again" in page
    assert not Suspension.objects.exists()
    assert AuditRecord.objects.filter(action="lift", door="admin").exists()


def test_pages_of_measures_name_the_person(bob, moderator):
    """As a title, where an id says nothing to a moderator."""
    people.warn(OPERATOR, bob.id, reason="No insults")
    slow(bob)
    people.suspend(OPERATOR, bob.id, until=soon(), reason="Spam")
    client = signed_in(moderator)
    for row in (PersonWarning.objects.get(), Slowdown.objects.get(), Suspension.objects.get()):
        at = reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])
        page = client.get(at).content.decode()
        assert "bob" in page
        assert str(bob.id) not in re.sub('href="[^"]*"', "", page), at


def test_the_command(bob):
    def run(*words):
        out = StringIO()
        call_command("moderate", "--json", *words, "--reason", "Flood", stdout=out)
        return json.loads(out.getvalue())

    assert run("warn", "bob")["warned"] == "bob"
    assert run("slow-down", "bob", "--every", "60", "--days", "1")["slowed"] == "bob"
    assert Slowdown.objects.get().interval_s == 60
    assert run("end-slowdown", "bob") == {"ended": "bob"}


def test_an_export_has_both_and_an_erased_account_has_neither(bob):
    people.warn(OPERATOR, bob.id, reason="No insults")
    slow(bob)
    sections = data_export.sections(bob.id)
    assert [row["text"] for row in sections["warnings"]] == ["No insults"]
    assert [row["interval_s"] for row in sections["slowdown"]] == [60]
    with suppress(NotFound):
        erase(bob.id)
    assert not PersonWarning.objects.exists()
    assert not Slowdown.objects.exists()
