"""Reporting: who may report what, and evidence that stays."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone
from msgspec.structs import replace

from apps.accounts.actions import accounts
from apps.accounts.models import User
from apps.chats.actions import edits, groups
from apps.chats.actions.messages import send_batch
from apps.contacts.actions import contacts
from apps.core.errors import Invalid, NotFound
from apps.files.actions import uses
from apps.files.actions.deletion import delete_unused
from apps.files.models import File
from apps.moderation.actions import evidence, queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import SEVERITIES, Reported, create_report
from apps.moderation.models import Evidence, EvidenceFile, Report
from apps.wire import bodies
from apps.wire.events import ReportChanged
from tests.chats.factories import a_send, heads, write, write_many
from tests.support.people import direct_chat, person, signed_in
from tests.support.threads import together
from tests.support.uploads import stored_file, stored_picture

API = "/api/v1/reports"


def entry(chat, seq, **more):
    return Reported(kind="entry", reason="harassment", chat=chat, seq=seq, **more)


def post(client, **body):
    return client.post(API, {"reason": "spam", **body}, content_type="application/json")


def copies(report):
    rows = Evidence.objects.filter(report=report).order_by("seq")
    return [*rows.values_list("seq", "text", "reported")]


@pytest.mark.parametrize("context", [0, 2])
def test_the_reported_entry_stays_as_it_was_when_it_is_edited_and_deleted(
    crew, alice, bob, context
):
    write_many(alice, crew, 3)  # 3 to 5, after "created" and "joined"
    bad = write(bob, crew, "You are all fools").seq
    write_many(alice, crew, 3)
    report, new = create_report(alice.id, entry(crew, bad, context=context, text=" Rude "))
    assert new
    assert (report.person_id, report.text, report.severity) == (bob.id, "Rude", 2)
    edits.edit_message(bob.id, crew, seq=bad, text="You are all nice")
    edits.delete_message(bob.id, crew, seq=bad)
    edits.delete_message(alice.id, crew, seq=bad - 1)
    before, after = [(4, "2", False), (5, "3", False)], [(7, "1", False), (8, "2", False)]
    shown = [(bad, "You are all fools", True)]
    assert copies(report) == ([*before, *shown, *after] if context else shown)
    [row] = Evidence.objects.filter(report=report, reported=True)
    assert (row.sender_id, row.sender_name) == (bob.id, "Bob")


def test_the_name_that_a_program_gave_itself_is_kept(crew, alice, bob):
    named = bodies.Layout(name="Alice of the bank " * 9)
    [sent] = send_batch([replace(a_send(bob, crew, "Your code, please"), layout=named)])
    report = create_report(alice.id, entry(crew, sent.seq)).report
    [row] = Evidence.objects.filter(report=report, reported=True)
    assert row.sender_name.startswith("Alice of the bank")
    assert row.sender_name.endswith(" (Bob)")


def test_a_reported_picture_is_kept_when_its_message_is_deleted(crew, alice, bob, moderator):
    picture = stored_picture(bob)
    bad = write(bob, crew, files=[picture]).seq
    report = create_report(alice.id, entry(crew, bad)).report
    edits.delete_message(bob.id, crew, seq=bad)
    delete_unused()
    assert not File.objects.filter(id=picture).exists()
    [row] = Evidence.objects.get(report=report).files
    assert row["name"] == "me.webp"
    by = By(moderator.id, Door.ADMIN)
    assert queue.open_file(by, report.id, picture).size == len(b"pixels")
    # A while after the decision the copies go, and the file with them.
    queue.decide(by, report.id, outcome="action", answer="Thank you.")
    evidence.delete_old()
    assert Evidence.objects.exists()
    old = timezone.now() - timedelta(days=settings.EVIDENCE_DAYS + 1)
    Report.objects.update(decided_at=old)
    evidence.delete_old()
    delete_unused()
    assert not Evidence.objects.exists()
    assert not EvidenceFile.objects.exists()
    assert not File.objects.exists()
    emptied = Report.objects.get()
    assert (emptied.outcome, emptied.person_id, emptied.text) == ("action", bob.id, "")
    assert emptied.emptied_at is not None
    evidence.delete_old()


def test_the_picture_of_a_reported_person_is_kept(crew, alice, bob):
    picture = stored_picture(bob)
    User.objects.filter(id=bob.id).update(picture=picture, about="I hate you")
    File.objects.filter(id=picture).update(uses=1)
    asked = Reported(kind="person", reason="hate", person=bob.id)
    report = create_report(alice.id, asked).report
    assert report.shown == {"username": "bob", "name": "Bob", "about": "I hate you"}
    User.objects.filter(id=bob.id).update(picture=None)
    uses.remove([picture])
    delete_unused()
    assert EvidenceFile.objects.get(report=report).file.name == "me.webp"


def test_a_report_about_an_inviter_keeps_what_they_said_with_the_invitation(charlie, bob):
    contacts.invite(bob.id, charlie.id)
    contacts.greet(bob.id, charlie.id, "I know where you live")
    asked = Reported(kind="person", reason="harassment", person=bob.id)
    report = create_report(charlie.id, asked).report
    contacts.cancel(bob.id, charlie.id)
    report.refresh_from_db()
    assert report.shown["greeting"] == "I know where you live"


def test_a_report_of_a_chat_has_its_last_entries(crew, alice, bob):
    write_many(bob, crew, 5)
    asked = Reported(kind="chat", reason="illegal", chat=crew, context=3)
    report = create_report(alice.id, asked).report
    assert [text for _, text, _ in copies(report)] == ["3", "4", "5"]
    assert (report.shown, report.person, report.severity) == ({"title": "Crew"}, None, 3)


def test_a_report_changes_nothing_that_members_see(crew, alice, bob, captured_events):
    seq = write(bob, crew, "words").seq
    before = heads(crew)
    with captured_events() as events:
        create_report(alice.id, entry(crew, seq, context=5))
    assert (events, heads(crew)) == ([], before)


def test_repeats_of_an_open_report_are_one_report(crew, alice, bob, charlie, moderator):
    seq = write(bob, crew, "words").seq
    first = create_report(alice.id, entry(crew, seq))
    again = create_report(alice.id, entry(crew, seq, text="more"))
    assert (again.new, again.report.id, again.report.text) == (False, first.report.id, "")
    assert Evidence.objects.count() == 1
    dana = person("dana2")
    groups_of = direct_chat(alice, dana)
    other = write(dana, groups_of, "words").seq
    assert create_report(alice.id, entry(groups_of, other)).new, "another thing"
    queue.decide(By(moderator.id, Door.ADMIN), first.report.id, outcome="no_action")
    assert create_report(alice.id, entry(crew, seq)).new, "the first is decided"


def test_a_message_that_was_edited_is_reported_with_what_it_said_before(crew, alice, bob):
    bad = write(bob, crew, "You are all fools").seq
    edits.edit_message(bob.id, crew, seq=bad, text="You are mad")
    edits.edit_message(bob.id, crew, seq=bad, text="You are nice")
    report = create_report(alice.id, entry(crew, bad, context=1)).report
    edits.edit_message(bob.id, crew, seq=bad, text="Hello")
    edits.delete_message(bob.id, crew, seq=bad)
    [copied] = Evidence.objects.filter(report=report, reported=True)
    assert copied.text == "You are nice"
    assert [text for text, _ in copied.former_texts] == ["You are all fools", "You are mad"]
    assert not Evidence.objects.filter(report=report, reported=False).exclude(former=None).exists()


def test_a_message_that_was_edited_since_is_reported_again(crew, alice, bob):
    seq = write(bob, crew, "nice").seq
    first = create_report(alice.id, entry(crew, seq)).report
    edits.edit_message(bob.id, crew, seq=seq, text="You are all fools")
    second = create_report(alice.id, entry(crew, seq, text="Now it is worse"))
    assert (second.new, second.report.text) == (True, "Now it is worse")
    assert [text for _, text, _ in copies(first) + copies(second.report)] == [
        "nice",
        "You are all fools",
    ]
    assert not create_report(alice.id, entry(crew, seq)).new, "the same text"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["entry", "person"])
def test_simultaneous_reports_of_the_same_are_one(kind, crew, alice, bob):
    seq = write(bob, crew, "words").seq
    asked = {
        "entry": entry(crew, seq, context=2),
        "person": Reported(kind="person", reason="spam", person=bob.id),
    }[kind]
    answers = together(*[lambda: create_report(alice.id, asked)] * 6)
    assert len({answer.report.id for answer in answers}) == 1
    assert [answer.new for answer in answers].count(True) == 1
    assert Report.objects.count() == 1


# -- who may report what ---------------------------------------------------------------------------


def refused(reporter, asked):
    with pytest.raises((NotFound, Invalid)) as refusal:
        create_report(reporter.id, asked)
    return type(refusal.value)


def test_an_outsider_reports_nothing_of_a_chat(crew, alice, bob, charlie):
    seq = write(bob, crew, "words").seq
    of_chat = Reported(kind="chat", reason="spam", chat=crew, context=20)
    met_there = Reported(kind="person", reason="spam", person=bob.id, chat=crew)
    for asked in (entry(crew, seq), entry(crew, 999), of_chat, met_there):
        assert refused(charlie, asked) is NotFound
        assert refused(charlie, entry(uuid4(), 1)) is NotFound
    groups.remove_member(alice.id, crew, person=bob.id)
    assert refused(bob, of_chat) is NotFound
    assert not Evidence.objects.exists()


def test_what_does_not_exist_cannot_be_reported(crew, alice, bob):
    deleted = write(bob, crew, "words").seq
    edits.delete_message(bob.id, crew, seq=deleted)
    closed = person("closed", is_active=False)
    for asked in (
        entry(crew, 999),
        entry(crew, deleted),
        Reported(kind="person", reason="spam", person=uuid4()),
        Reported(kind="person", reason="spam", person=closed.id),
    ):
        assert refused(alice, asked) is NotFound


def test_somebody_who_blocked_the_reporter_can_be_reported_where_they_met(alice, bob, chat):
    seq = write(bob, chat, "go away").seq
    contacts.block(bob.id, alice.id)
    alone = Reported(kind="person", reason="hate", person=bob.id)
    assert refused(alice, alone) is NotFound
    create_report(alice.id, Reported(kind="person", reason="hate", person=bob.id, chat=chat))
    create_report(alice.id, entry(chat, seq))
    accounts.deactivate(bob.id)
    create_report(alice.id, entry(chat, seq))
    assert Report.objects.count() == 2


def test_nobody_reports_themselves(crew, alice):
    mine = write(alice, crew, "words").seq
    assert refused(alice, entry(crew, mine)) is Invalid
    assert refused(alice, Reported(kind="person", reason="spam", person=alice.id)) is Invalid


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "entry", "seq": 1}, "#/chat"),
        ({"kind": "entry", "chat": "{chat}"}, "#/seq"),
        ({"kind": "entry", "chat": "{chat}", "seq": 1, "person": "{bob}"}, "#/person"),
        ({"kind": "person"}, "#/person"),
        ({"kind": "person", "person": "{bob}", "seq": 1}, "#/seq"),
        ({"kind": "chat", "chat": "{chat}", "seq": 1}, "#/seq"),
        ({"kind": "chat", "chat": "{chat}", "context": 21}, "#/context"),
        ({"kind": "chat", "chat": "{chat}", "reason": "boring"}, "#/reason"),
        ({"kind": "chat", "chat": "{chat}", "text": "x" * 2001}, "#/text"),
        ({"kind": "chat", "chat": "{chat}", "text": "\x00"}, "#/text"),
        ({"kind": "team", "chat": "{chat}"}, "#/kind"),
    ],
)
def test_malformed_reports_name_the_fault(body, pointer, crew, alice, bob):
    names = {"chat": crew, "bob": bob.id}
    filled = {
        name: value.format(**names) if isinstance(value, str) else value
        for name, value in body.items()
    }
    answer = post(signed_in(alice), **filled)
    assert answer.status_code == 400
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert not Report.objects.exists()


# -- the reporter's side ---------------------------------------------------------------------------


def test_the_reporter_follows_the_report_over_the_api(crew, alice, bob, moderator):
    client = signed_in(alice)
    answer = post(client, kind="person", person=str(bob.id), text="Many adverts")
    body = answer.json()
    assert (answer.status_code, body["state"], body["outcome"]) == (201, "open", None)
    assert post(client, kind="person", person=str(bob.id)).status_code == 200
    by = By(moderator.id, Door.ADMIN)
    queue.claim(by, body["id"])
    assert client.get(API).json()["items"][0]["state"] == "claimed"
    queue.decide(by, body["id"], outcome="action", answer="We have spoken to Bob.")
    [mine] = client.get(API).json()["items"]
    assert (mine["state"], mine["outcome"]) == ("decided", "action")
    assert mine["answer"] == "We have spoken to Bob."
    assert mine["decided_at"]
    assert "mona" not in client.get(API).content.decode()
    assert signed_in(bob).get(API).json() == {"items": [], "next": None}


def test_own_reports_come_in_pages(alice):
    for number in range(5):
        asked = Reported(kind="person", reason="spam", person=person(f"p{number}").id)
        create_report(alice.id, asked)
    client, found, cursor = signed_in(alice), [], ""
    while cursor is not None:
        page = client.get(API, {"limit": 2, "cursor": cursor}).json()
        found += page["items"]
        cursor = page["next"]
    assert len({row["id"] for row in found}) == 5


def test_open_connections_of_the_reporter_learn_each_step(
    crew, alice, bob, moderator, captured_events
):
    seq = write(bob, crew, "words").seq
    report = create_report(alice.id, entry(crew, seq)).report
    by = By(moderator.id, Door.ADMIN)
    with captured_events() as events:
        queue.claim(by, report.id)
        queue.add_note(by, report.id, "A second time")
        queue.decide(by, report.id, outcome="no_action", answer="No.")
    steps = [item for item in events if isinstance(item.event, ReportChanged)]
    assert [(item.to, item.event.report.state) for item in steps] == [
        (alice.id, "claimed"),
        (alice.id, "decided"),
    ]
    assert "A second time" not in str(events)


def test_every_reason_has_a_severity():
    assert set(SEVERITIES) == set(Report.Reason)


def test_a_deleted_account_leaves_no_words_of_its_reports(crew, alice, bob):
    from apps.moderation.actions import erasure

    seq = write(bob, crew, "words").seq
    create_report(alice.id, entry(crew, seq, text="He said that of me"))
    assert sum(erasure.erase(alice.id).values()) == 1
    assert sum(erasure.erase(alice.id).values()) == 0
    assert Report.objects.get().text == ""


def test_files_that_are_no_evidence_cannot_be_opened(crew, alice, bob, moderator):
    seq = write(bob, crew, files=[stored_file(bob, "a.txt", b"words").id]).seq
    report = create_report(alice.id, entry(crew, seq)).report
    other = stored_file(bob, "b.txt", b"private")
    with pytest.raises(NotFound):
        queue.open_file(By(moderator.id, Door.ADMIN), report.id, other.id)
