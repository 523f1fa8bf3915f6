"""The page of a report: names, what is known of the person, and what asks again."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Suspension, User
from apps.chats.actions import edits, groups
from apps.chats.models import Member, Message
from apps.core.identifiers import first_id_at
from apps.moderation.actions import appeals, audit, closing, evidence, people, queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord, Evidence, Report
from apps.moderation.queries import history
from tests.chats.factories import write
from tests.moderation.conftest import moderator_named
from tests.moderation.test_queue import page_of
from tests.support.people import in_touch, person, signed_in


def by(user):
    return By(user.id, Door.ADMIN)


def reported(reporter, chat, seq, reason="harassment", context=0):
    asked = Reported(kind="entry", reason=reason, chat=chat, seq=seq, context=context)
    return create_report(reporter.id, asked).report


@pytest.fixture
def report(crew, alice, bob):
    return reported(alice, crew, write(bob, crew, "You fools").seq)


def test_one_page_has_the_state_the_names_and_the_history(report, crew, alice, bob, moderator):
    other = moderator_named("other")
    former = create_report(alice.id, Reported(kind="person", reason="spam", person=bob.id)).report
    queue.decide(by(other), former.id, outcome="no_action")
    people.suspend(by(other), bob.id, until=timezone.now() + timedelta(days=1), reason="Insults")
    appeals.appeal(bob.id, "It was a quote")
    queue.claim(by(moderator), report.id)
    page = signed_in(moderator).get(page_of(report)).content.decode()
    for text in ("in work", "(mona)", "Crew", "alice", "bob", "Insults", "It was a quote"):
        assert text in page, text
    assert page_of(former) in page
    assert page.count(">By<") == 1
    assert "nothing was done" in page
    assert "suspended (other): " in " ".join(page.split())
    for link in (f"person__id__exact={bob.id}", f"moderatedchat/{crew}/"):
        page = page.replace(link, "")
    for hidden in (crew, bob.id, alice.id, moderator.id):
        assert str(hidden) not in page


def test_the_history_is_what_was_done_and_not_who_looked(report, bob, moderator):
    about = audit.About(person=bob.id)
    for action in ("view_held", "refuse_held", "view_evidence"):
        with transaction.atomic():
            audit.record(action, by=by(moderator), about=about)
    found = history.of_person(bob.id, without=report.id).records
    assert [row.action for row in found] == ["refuse_held"]


def test_a_report_about_the_moderator_is_not_in_the_history_that_they_see(crew, alice, moderator):
    """They see no page of somebody with it: that somebody would be themselves."""
    create_report(alice.id, Reported(kind="person", reason="hate", person=moderator.id))
    about = Report.objects.get()
    client = signed_in(moderator)
    assert client.get(page_of(about)).status_code == 302
    answer = client.post(page_of(about), {"_ban": "1", "reason": "They reported me"})
    assert answer.status_code == 404


@pytest.mark.parametrize("button", ["_ban", "_delete"])
def test_what_cannot_be_undone_asks_again(report, crew, bob, moderator, button):
    client = signed_in(moderator)
    form = {button: "yes", "reason": "Insults <b>"}
    asked = client.post(page_of(report), form)
    page = asked.content.decode()
    assert asked.status_code == 200
    assert "bob" in page
    assert f'name="{button}"' in page
    assert "Insults &lt;b&gt;" in page
    assert not AuditRecord.objects.exists(), "nothing has happened"
    assert client.post(page_of(report), form | {"_confirmed": "yes"}).status_code == 302
    assert AuditRecord.objects.get().reason == "Insults <b>"
    assert User.objects.get(id=bob.id).is_active == (button != "_ban")
    assert Message.objects.get(chat_id=crew, seq=report.seq).deleted_by_moderator == (
        button == "_delete"
    )


def test_without_a_reason_nothing_is_asked(report, moderator):
    answer = signed_in(moderator).post(page_of(report), {"_ban": "yes", "reason": ""}, follow=True)
    assert "Write a reason." in answer.content.decode()
    assert not Suspension.objects.exists()


# -- what can be done now --------------------------------------------------------------------------


def test_each_entry_of_the_evidence_offers_what_applies_to_it_now(crew, alice, bob, moderator):
    before = write(charlie_in(crew, alice), crew, "Go on, Bob").seq
    report = reported(alice, crew, write(bob, crew, "You fools").seq, context=5)
    client = signed_in(moderator)

    def press(button, seq=before, **given):
        form = {button: "1", "seq": seq, "reason": "Insults", **given}
        return client.post(page_of(report), form, follow=True).content.decode()

    def count(page):
        return {name: page.count(f'name="_{name}"') for name in ("hide", "restore", "delete")}

    page = client.get(page_of(report)).content.decode()
    assert count(page) == {"hide": 2, "restore": 0, "delete": 2}
    page = press("_hide")
    assert Message.objects.get(chat_id=crew, seq=before).hidden_at
    assert "Hidden now." in page
    assert count(page) == {"hide": 1, "restore": 1, "delete": 2}
    assert "Hidden now." not in press("_restore")
    assert "Delete it for all" in press("_delete"), "it asks, and keeps the entry"
    page = press("_delete", _confirmed="yes")
    assert "Deleted now." in page
    assert count(page) == {"hide": 1, "restore": 0, "delete": 1}
    page = press("_remove")
    left = Member.objects.filter(chat=crew, left_rev=None).values_list("user__username", flat=True)
    assert sorted(left) == ["alice", "bob"]
    assert "Remove its sender" in page, "of Bob"
    assert "_reopen" not in page
    page = press("_close", seq="")
    assert "_reopen" in page
    assert 'name="_close"' not in page
    assert "Closed:" in page


def charlie_in(crew, alice):
    """A member whom Alice has added."""
    charlie = person("charlie", name="Charlie")
    in_touch(alice, charlie)
    groups.add_members(alice.id, crew, [charlie.id])
    return charlie


def test_the_evidence_says_who_was_added(crew, alice, bob, moderator):
    charlie_in(crew, alice)
    report = reported(alice, crew, write(bob, crew, "You fools").seq, context=5)
    page = signed_in(moderator).get(page_of(report)).content.decode()
    assert "added Charlie" in page


def test_a_refused_action_keeps_what_was_typed(report, moderator):
    client = signed_in(moderator)
    for form, kept in (
        ({"_hide": "1", "seq": report.seq, "reason": ""}, "<details open>"),
        ({"_restore": "1", "seq": report.seq, "reason": "A joke"}, "A joke</textarea>"),
        ({"_suspend": "1", "until": "2001-01-01T12:00", "reason": "Hm", "_confirmed": "1"}, "Hm<"),
        ({"_decide": "1", "answer": "Thank you"}, "Thank you</textarea>"),
    ):
        page = client.post(page_of(report), form, follow=True).content.decode()
        assert kept in page.replace("\n", ""), form
    assert "The time zone is UTC." in page


def test_who_works_on_a_report_is_said_before_the_actions(report, moderator):
    queue.claim(by(moderator_named("other")), report.id)
    page = signed_in(moderator).get(page_of(report)).content.decode()
    assert "other works on this report." in page
    assert page.index("other works on") < page.index('name="_ban"')
    assert 'name="_release"' not in page, "it is not theirs to give back"
    assert 'name="_decide"' not in page


# -- how long, and how much ------------------------------------------------------------------------


def test_a_report_that_nobody_decides_is_closed_and_its_evidence_goes_later(report, alice, bob):
    closing.close_forgotten()
    assert Report.objects.get().state == "open"
    User.objects.filter(id=alice.id).update(locale="de")
    days = settings.EVIDENCE_DAYS
    old = first_id_at(timezone.now() - timedelta(days=days + 1))
    Evidence.objects.all().delete()
    Report.objects.update(id=old)
    Evidence.objects.create(
        report_id=old, seq=1, kind="text", reported=True, sender_id=bob.id, sender_name="Bob",
        text="You fools", at=timezone.now(), deleted=False,
    )  # fmt: skip
    closing.close_forgotten()
    closing.close_forgotten()
    row = Report.objects.get()
    assert (row.state, row.outcome, row.decided_by) == ("decided", "no_action", None)
    assert row.answer == "Es wurde nicht rechtzeitig darüber entschieden."
    assert [*AuditRecord.objects.values_list("action", "door")] == [("decide", "worker")]
    evidence.delete_old()
    assert Evidence.objects.exists()
    Report.objects.update(decided_at=timezone.now() - timedelta(days=days + 1))
    evidence.delete_old()
    assert not Evidence.objects.exists()


def test_long_copies_keep_the_reported_message_and_the_beginnings_of_others(
    crew, alice, bob, moderator, monkeypatch
):
    monkeypatch.setattr(evidence, "MAX_CHARACTERS", 3_000)
    far = write(bob, crew, "far " * 300).seq
    near = write(bob, crew, "near " * 200).seq
    seq = write(bob, crew, "first " * 100).seq
    edits.edit_message(bob.id, crew, seq=seq, text="second " * 100)
    edits.edit_message(bob.id, crew, seq=seq, text="third " * 100)
    report = reported(alice, crew, seq, context=5)
    stored = {each.seq: each for each in report.evidence.all()}
    assert stored[seq].text.strip() == ("third " * 100).strip()
    assert [text for text, _ in stored[seq].former_texts][-1].strip() == ("second " * 100).strip()
    assert stored[near].text.strip() == ("near " * 200).strip()
    assert stored[far].text == ("far " * 300)[: evidence.MAX_BEGINNING]
    assert [stored[each].shortened for each in (far, near, seq)] == [True, False, False]
    assert "shortened" in signed_in(moderator).get(page_of(report)).content.decode()


def test_short_copies_are_whole(report):
    assert not report.evidence.filter(shortened=True).exists()


def test_more_reports_than_fit_in_a_batch_are_closed_in_one_pass(report, alice, monkeypatch):
    monkeypatch.setattr(closing, "BATCH_SIZE", 2)
    first = first_id_at(timezone.now() - timedelta(days=settings.EVIDENCE_DAYS + 1)).int
    Report.objects.bulk_create(
        Report(
            id=UUID(int=first + number), reporter=alice, kind="chat", subject=f"chat:{number}",
            reason="spam", severity=1, created_at=timezone.now(),
        )
        for number in range(5)
    )  # fmt: skip
    decide, failing = closing.queue.decide, UUID(int=first + 1)

    def decide_all_but_one(by, report_id, **given):
        if report_id == failing:
            raise RuntimeError("a bug")
        return decide(by, report_id, **given)

    monkeypatch.setattr(closing.queue, "decide", decide_all_but_one)
    closing.close_forgotten()
    left = Report.objects.exclude(state="decided").values_list("subject", flat=True)
    assert set(left) == {"chat:1", Report.objects.order_by("-id").first().subject}
