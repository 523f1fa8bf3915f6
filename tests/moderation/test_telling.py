"""Moderators are told what waits for them, and reporters what was decided: live, and by a push."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.queries import profiles
from apps.chats.actions import groups, held
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import Scheduled
from apps.core.errors import Forbidden, Held, NotPossible
from apps.moderation.actions import appeals, break_glass, people, queue, rules, telling
from apps.moderation.actions import held as decisions
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from apps.moderation.queries import waiting
from apps.notifications.actions import topics
from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from apps.notifications.models import Push
from apps.notifications.notices import FOR_MODERATORS, FOR_REPORTERS
from apps.notifications.queries.notification_records import undelivered
from apps.wire.events import MeChanged, WaitingChanged
from tests.chats.factories import write
from tests.moderation.break_glass.asking import LONG_AGO, reader_named
from tests.moderation.conftest import moderator_named
from tests.moderation.test_entries import OPERATOR
from tests.notifications.conftest import device
from tests.notifications.ledger import deliver, make_due, states
from tests.support.people import person, signed_in
from tests.support.pushes import service
from tests.support.threads import in_thread

__all__ = ["device", "service"]
WORDS = "words that only the members read"
API = "/api/v1/moderation"


def by(user):
    return By(user.id, Door.API)


def report(reporter, chat, seq, **more):
    return create_report(
        reporter.id, Reported(kind="entry", reason="spam", chat=chat, seq=seq, **more)
    ).report


def told(events):
    return {each.to for each in events if isinstance(each.event, WaitingChanged)}


def counted(user):
    answer = signed_in(user).get(f"{API}/waiting").json()
    return answer["reports"], answer["appeals"], answer["read_requests"]


def pushed(phone):
    make_due()
    deliver()
    payloads, phone.received = phone.payloads, []
    return payloads


def test_moderators_are_told_of_a_report_and_of_its_end(
    crew, alice, bob, moderator, root, captured_events
):
    seq = write(bob, crew, WORDS).seq
    with captured_events() as events:
        row = report(alice, crew, seq)
    assert told(events) == {moderator.id, root.id}
    assert WORDS not in repr(events)
    assert counted(moderator) == counted(root) == (1, 0, 0)
    with captured_events() as events:
        queue.claim(by(root), row.id)
    assert told(events) == {moderator.id, root.id}
    assert counted(moderator) == (0, 0, 0)
    assert counted(root) == (1, 0, 0), "it is theirs now"
    queue.decide(by(root), row.id, outcome="action")
    assert counted(root) == (0, 0, 0)


def test_the_reported_moderator_is_told_nothing(crew, alice, moderator, captured_events):
    other = moderator_named("max")
    with captured_events() as events:
        create_report(alice.id, Reported(kind="person", reason="hate", person=moderator.id))
    assert told(events) == {other.id}
    assert counted(moderator) == (0, 0, 0)


def test_a_held_message_waits_until_it_is_withdrawn_refused_or_approved(
    crew, alice, bob, moderator, captured_events, monkeypatch
):
    def waiting():
        return signed_in(moderator).get(f"{API}/waiting").json()["held_messages"]

    monkeypatch.setattr(rules, "_known", rules._Known())
    rules.add(By(None, Door.COMMAND), kind="words", pattern="pills", effect="hold")
    rules.forget()
    ends = (
        lambda row: held.withdraw(bob.id, row),
        lambda row: decisions.refuse(by(moderator), row, reason="An advertisement"),
        lambda row: decisions.approve(by(moderator), row),
    )
    for end in ends:
        rules.refresh()
        with captured_events() as events:
            send_batch([validated_send(sender=bob.id, chat=crew, client_id=uuid4(), text="pills")])
        assert told(events) == {moderator.id}
        assert waiting() == 1
        with captured_events() as events:
            end(Scheduled.objects.get(state=Scheduled.State.HELD).id)
        assert told(events) == {moderator.id}
        assert waiting() == 0


def test_an_answer_to_a_suspension_waits_until_it_is_lifted_replaced_or_kept(
    bob, moderator, captured_events
):
    def suspend():
        people.suspend(by(moderator), bob.id, until=timezone.now() + timedelta(days=1), reason="x")

    ends = {
        "kept": lambda: appeals.keep(by(moderator), bob.id, reason="It was right"),
        "replaced": suspend,
        "lifted": lambda: people.lift(by(moderator), bob.id, reason="A mistake"),
    }
    for end in ends.values():
        suspend()
        with captured_events() as events:
            appeals.appeal(bob.id, "I am sorry")
        assert told(events) == {moderator.id}
        assert counted(moderator) == (0, 1, 0)
        with captured_events() as events:
            end()
        assert told(events) == {moderator.id}
        assert counted(moderator) == (0, 0, 0)
    assert "keep_suspension" in AuditRecord.objects.values_list("action", flat=True)


def test_an_answer_to_an_administrator_waits_for_administrators(
    bob, moderator, root, captured_events
):
    people.suspend(by(root), bob.id, until=None, reason="x")
    with captured_events() as events:
        appeals.appeal(bob.id, "I am sorry")
    assert told(events) == {root.id}
    assert (counted(moderator), counted(root)) == ((0, 0, 0), (0, 1, 0))
    with pytest.raises(Forbidden):
        appeals.keep(by(moderator), bob.id, reason="It was right")
    appeals.keep(OPERATOR, bob.id, reason="It was right")
    with pytest.raises(NotPossible):
        appeals.keep(OPERATOR, bob.id, reason="Again")


def test_the_admin_keeps_a_suspension(bob, moderator):
    people.suspend(by(moderator), bob.id, until=None, reason="Insults")
    appeals.appeal(bob.id, "I am sorry")
    page = reverse("admin:accounts_suspension_changelist")
    asked = {"action": "keep", "_selected_action": [bob.id], "reason": "It was right"}
    answer = signed_in(moderator).post(page, asked, follow=True).content.decode()
    assert "Bob stays suspended." in answer
    assert not waiting.appeals_for(moderator).exists()


def test_a_request_to_read_waits_for_those_who_can_approve_it(settings, moderator, captured_events):
    settings.BREAK_GLASS = True
    one, other, member = map(reader_named, ("one", "other", "inside"))
    chat = groups.create_group(member.id, "Quiet", [])
    write(member, chat, WORDS)
    with captured_events() as events:
        row = break_glass.ask(by(one), break_glass.Asked(chat, LONG_AGO, "abuse", "Look", 1))
    assert told(events) == {other.id}, "nobody in the chat, nobody without the permission"
    assert [counted(each) for each in (one, other, member, moderator)] == [
        *((0, 0, 0), (0, 0, 1)),
        *((0, 0, 0), (0, 0, 0)),
    ]
    break_glass.refuse(by(other), row.id, reason="No")
    assert counted(other) == (0, 0, 0)


def test_only_moderators_ask_what_waits(alice, db):
    staff = person("staff", is_staff=True)
    for each in (alice, staff):
        assert signed_in(each).get(f"{API}/waiting").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_push_says_that_something_waits_and_nothing_of_it(crew, alice, bob, moderator, device):
    phone = device(moderator)
    rows = [report(alice, crew, write(bob, crew, WORDS).seq, text="He is rude") for _ in range(2)]
    [payload] = pushed(phone)
    assert payload == {
        "kind": "show",
        "chat": str(FOR_MODERATORS),
        "count": 1,
        "title": "Administration",
        "body": "2 things wait for moderators.",
        "path": "/admin/",
    }
    queue.claim(by(moderator), rows[0].id)
    assert [each["kind"] for each in pushed(phone)] == ["clear"], "they are at work on it"
    report(bob, crew, write(alice, crew, WORDS).seq)
    for row in rows:
        queue.decide(OPERATOR, row.id, outcome="action")
    [payload] = pushed(phone)
    assert payload["body"] == "Something waits for moderators."


@pytest.mark.django_db(transaction=True)
def test_the_clocks_of_processes_decide_nothing(crew, alice, bob, moderator, device, monkeypatch):
    device(moderator)
    row = report(alice, crew, write(bob, crew, WORDS).seq)
    slow = SimpleNamespace(now=lambda: timezone.now() - timedelta(seconds=90))
    monkeypatch.setattr(topics, "timezone", slow)
    queue.claim(by(moderator), row.id)
    assert states(moderator)[-1][0] == "cancelled"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("effect", ["flag", "hold"])
def test_a_locked_push_of_a_moderator_costs_no_report_and_no_message(
    crew, alice, bob, moderator, device, monkeypatch, effect
):
    device(moderator)
    report(alice, crew, write(bob, crew, WORDS).seq)
    before = waiting.count(moderator).total
    monkeypatch.setattr(rules, "_known", rules._Known())
    rules.add(By(None, Door.COMMAND), kind="words", pattern="pills", effect=effect)
    rules.refresh()
    ours = validated_send(sender=bob.id, chat=crew, client_id=uuid4(), text="pills")
    other = validated_send(sender=alice.id, chat=crew, client_id=uuid4(), text="hello")
    send = partial(send_batch, [ours, other], lock_timeout_ms=50)
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Push.objects.select_for_update().get(user_id=moderator.id, chat_id=FOR_MODERATORS)
        first, second = pool.submit(in_thread, send).result(60)
    assert isinstance(first, Sent if effect == "flag" else Held)
    assert isinstance(second, Sent)
    assert waiting.count(moderator).total == before + 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_pushed_that_waits_no_more_or_that_the_person_does_not_want(
    crew, alice, bob, moderator, device
):
    phone = device(moderator)
    row = report(alice, crew, write(bob, crew, WORDS).seq)
    queue.decide(OPERATOR, row.id, outcome="action")
    assert pushed(phone) == []
    set_preferences(moderator.id, PreferencesUpdate(level="none"))
    report(alice, crew, write(bob, crew, WORDS).seq)
    assert pushed(phone) == []
    assert states(moderator)[-1][:2] == ("skipped", "level_none")


@pytest.mark.django_db(transaction=True)
def test_a_reporter_is_told_of_a_decision_until_they_look(crew, alice, bob, root, device):
    phone = device(alice)
    row = report(alice, crew, write(bob, crew, WORDS).seq)
    queue.decide(by(root), row.id, outcome="action", answer="Thank you")
    assert profiles.me(alice.id).report_decided
    payload = pushed(phone)[-1]
    assert payload["body"] == "Moderators have decided about your report."
    assert (payload["chat"], payload["path"]) == (str(FOR_REPORTERS), "/?reports")
    assert signed_in(alice).post("/api/v1/reports/seen").status_code == 204
    assert not profiles.me(alice.id).report_decided
    assert pushed(phone) == [{"kind": "clear", "chat": str(FOR_REPORTERS)}]


def test_devices_show_a_decision_at_once(crew, alice, bob, captured_events):
    row = report(alice, crew, write(bob, crew, WORDS).seq)
    with captured_events() as events:
        queue.decide(OPERATOR, row.id, outcome="no_action")
    [me] = [each.event.me for each in events if isinstance(each.event, MeChanged)]
    assert me.report_decided
    with captured_events() as events:
        telling.decisions_seen(alice.id)
        telling.decisions_seen(alice.id)
    assert [each.event.me.report_decided for each in events] == [False]


@pytest.mark.django_db(transaction=True)
def test_a_push_that_failed_is_no_missed_message(crew, alice, bob, moderator, device):
    phone = device(moderator)
    phone.answer = 410
    report(alice, crew, write(bob, crew, WORDS).seq)
    assert pushed(phone) == []
    assert states(moderator)[-1][0] == "failed"
    assert undelivered([moderator.id]) == {moderator.id: []}
