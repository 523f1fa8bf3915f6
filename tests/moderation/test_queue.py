"""The moderators' queue in the admin: who sees it, what each step does, and what it costs."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.chats.actions import edits
from apps.core import bounded_paginator
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.moderation.actions import queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord, Report
from apps.moderation.queries import waiting
from tests.chats.factories import write
from tests.files.test_links import body
from tests.moderation.conftest import moderator_named
from tests.support.people import person, signed_in
from tests.support.shared_people import alice, bob, crew, shared_people
from tests.support.statements import traffic
from tests.support.uploads import stored_file

__all__ = ["alice", "bob", "crew", "shared_people"]

LIST = reverse("admin:moderation_report_changelist")
WORDS = "words that only the members read"


def page_of(report):
    return reverse("admin:moderation_report_change", args=[report.id])


def by(user):
    return By(user.id, Door.ADMIN)


@pytest.fixture
def report(crew, alice, bob):
    """Alice's report of a message of Bob's with a file."""
    seq = write(bob, crew, WORDS, files=[stored_file(bob, "plan.txt", b"the plan").id]).seq
    asked = Reported(
        kind="entry", reason="violence", chat=crew, seq=seq, text="He threatens us", context=3
    )
    return create_report(alice.id, asked).report


def actions():
    return [*AuditRecord.objects.order_by("number").values_list("action", flat=True)]


def test_the_list_has_no_content(report, moderator):
    page = signed_in(moderator).get(LIST).content.decode()
    assert "bob" in page
    assert "violence" in page
    assert WORDS not in page
    assert "He threatens us" not in page
    assert actions() == []


def test_the_list_names_a_reported_group(crew, alice, moderator):
    create_report(alice.id, Reported(kind="chat", reason="spam", chat=crew))
    assert ">Crew<" in signed_in(moderator).get(LIST).content.decode()


def test_the_page_of_a_report_has_the_evidence_and_each_view_is_recorded(report, moderator, bob):
    edits.delete_message(bob.id, report.chat_id, seq=report.seq)
    client = signed_in(moderator)
    page = client.get(page_of(report)).content.decode()
    for text in (WORDS, "He threatens us", "plan.txt", "Reported:", "alice"):
        assert text in page, text
    client.get(page_of(report))
    assert actions() == ["view_evidence"] * 2
    row = AuditRecord.objects.first()
    assert (row.by, row.person, row.report, row.seq) == (
        moderator.id,
        bob.id,
        report.id,
        report.seq,
    )
    assert WORDS not in json.dumps([*AuditRecord.objects.values()], default=str)


def test_the_page_shows_what_an_edited_message_said_before(crew, alice, bob, moderator):
    seq = write(bob, crew, "You are all fools").seq
    edits.edit_message(bob.id, crew, seq=seq, text="You are nice")
    report = create_report(alice.id, Reported("entry", "hate", chat=crew, seq=seq)).report
    page = signed_in(moderator).get(page_of(report)).content.decode()
    assert page.index("You are nice") < page.index("You are all fools")


def test_a_file_of_the_evidence_is_opened_through_a_short_link(report, moderator, bob):
    edits.delete_message(bob.id, report.chat_id, seq=report.seq)
    client = signed_in(moderator)
    [file] = Report.objects.get().evidence.get(reported=True).files
    at = reverse("admin:moderation_report_file", args=[report.id, file["id"]])
    link = client.get(at).url
    assert actions() == ["view_file"]
    assert json.loads(AuditRecord.objects.get().details) == {"file": file["id"]}
    other = reverse("admin:moderation_report_file", args=[report.id, new_id()])
    assert client.get(other).status_code == 404
    assert signed_in(bob).get(at).status_code == 302
    assert signed_in(person("helper", is_staff=True)).get(at).status_code == 404
    # Last: reading closes the connection of the test.
    assert body(client.get(link)) == b"the plan"


@pytest.mark.parametrize("who", ["member", "staff"])
def test_nobody_else_sees_reports(report, who):
    client = signed_in(person("helper", is_staff=who == "staff"))
    for at in (LIST, page_of(report)):
        answer = client.get(at)
        assert answer.status_code in (302, 403)
        assert WORDS not in answer.content.decode()
    client.post(page_of(report), {"_decide": "", "outcome": "no_action"})
    assert Report.objects.get().state == "open"
    assert actions() == []


def test_a_report_about_a_moderator_is_for_others(crew, alice, bob, report):
    mona = moderator_named("mona")
    asked = Reported(kind="person", reason="hate", person=mona.id)
    about_mona = create_report(alice.id, asked).report
    client = signed_in(mona)
    assert client.get(page_of(about_mona)).status_code == 302
    for where in (f"{LIST}?work=all", f"{LIST}?work=all&person__id__exact={mona.id}"):
        assert page_of(about_mona) not in client.get(where).content.decode()
    assert page_of(report) in client.get(LIST).content.decode()
    client.post(page_of(about_mona), {"_decide": "", "outcome": "no_action"})
    assert Report.objects.get(id=about_mona.id).state == "open"
    assert actions() == []
    assert signed_in(moderator_named("other")).get(page_of(about_mona)).status_code == 200


def test_the_work_on_a_report_by_the_buttons(report, moderator):
    client = signed_in(moderator)
    at = page_of(report)
    client.post(at, {"_claim": "yes"})
    assert Report.objects.get().claimed_by == moderator
    page = client.post(at, {"_note": "yes", "text": "Second time"}, follow=True)
    assert "Second time" in page.content.decode()
    client.post(at, {"_decide": "yes", "outcome": "action", "answer": "Thank you"})
    decided = Report.objects.get()
    assert (decided.state, decided.outcome, decided.answer) == ("decided", "action", "Thank you")
    assert decided.decided_by == moderator
    assert actions() == ["claim", "note", "view_evidence", "decide"]
    page = client.post(at, {"_decide": "yes", "outcome": "no_action"}, follow=True)
    assert "already decided" in page.content.decode()


def test_a_claimed_report_is_left_to_its_moderator(report, moderator, root):
    other = moderator_named("other")
    queue.claim(by(moderator), report.id)
    queue.claim(by(moderator), report.id)
    for attempt in (
        lambda: queue.claim(by(other), report.id),
        lambda: queue.release(by(other), report.id),
        lambda: queue.decide(by(other), report.id, outcome="action"),
    ):
        with pytest.raises(NotPossible, match="Another moderator"):
            attempt()
    queue.add_note(by(other), report.id, "I know them")
    queue.release(by(root), report.id)
    queue.claim(by(other), report.id)
    queue.release(by(other), report.id)
    with pytest.raises(NotPossible):
        queue.release(by(other), report.id)
    assert actions() == ["claim", "note", "release", "claim", "release"]


STEPS = {
    "open_report": lambda who, report: queue.open_report(who, report),
    "open_file": lambda who, report: queue.open_file(who, report, new_id()),
    "claim": lambda who, report: queue.claim(who, report),
    "release": lambda who, report: queue.release(who, report),
    "add_note": lambda who, report: queue.add_note(who, report, "A note"),
    "decide": lambda who, report: queue.decide(who, report, outcome="action"),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_for_moderators(report, step, alice, root):
    helper = person("helper", is_staff=True)
    for who in (alice, helper, User(id=new_id())):
        with pytest.raises(Forbidden):
            STEPS[step](by(who), report.id)
    with pytest.raises(NotFound):
        STEPS[step](by(root), new_id())
    assert actions() == []


def test_wrong_input_is_refused(report, moderator):
    for attempt in (
        lambda: queue.decide(by(moderator), report.id, outcome="maybe"),
        lambda: queue.decide(by(moderator), report.id, outcome="action", answer="x" * 2001),
        lambda: queue.add_note(by(moderator), report.id, "  "),
        lambda: queue.add_note(by(moderator), report.id, "a\x00"),
    ):
        with pytest.raises(Invalid):
            attempt()
    assert Report.objects.get().state == "open"
    assert actions() == []


# -- lists -----------------------------------------------------------------------------------------


def report_of(reporter, whom, reason):
    return create_report(reporter.id, Reported(kind="person", reason=reason, person=whom.id)).report


def listed(client, query=""):
    results = client.get(f"{LIST}{query}").context["cl"].result_list
    return [(row.person.username, row.reason) for row in results]


def test_the_queue_by_time_severity_person_and_assignment(alice, bob, charlie, moderator):
    spam, hate = report_of(alice, bob, "spam"), report_of(alice, charlie, "hate")
    done = report_of(charlie, bob, "illegal")
    other = moderator_named("other")
    queue.claim(by(moderator), hate.id)
    queue.decide(by(other), done.id, outcome="action")
    client = signed_in(moderator)
    assert listed(client) == [("charlie", "hate"), ("bob", "spam")]
    report_of(bob, charlie, "violence")
    assert listed(client, "?o=-2")[0] == ("charlie", "violence")
    assert listed(client, "?work=mine") == [("charlie", "hate")]
    assert listed(client, "?work=decided") == [("bob", "illegal")]
    assert len(listed(client, "?work=all")) == 4
    assert listed(client, f"?work=all&person__id__exact={bob.id}") == [
        ("bob", "illegal"),
        ("bob", "spam"),
    ]
    assert listed(client, "?q=bob") == [("bob", "spam")]
    assert listed(client, "?severity__exact=3") == [("charlie", "violence")]
    assert signed_in(other).get(f"{LIST}?work=mine").context["cl"].result_count == 0
    assert spam.id != hate.id


def test_filters_reveal_no_other_column(report, moderator):
    client = signed_in(moderator)
    for lookup in ("text__startswith", "person__password__startswith", "reporter__email"):
        assert client.get(f"{LIST}?{lookup}=H").status_code in (302, 400)


def test_the_list_has_a_fixed_number_of_queries_and_no_unbounded_count(
    alice, bob, moderator, monkeypatch
):
    monkeypatch.setattr(bounded_paginator, "MAX_COUNTED", 5)
    client, counted = signed_in(moderator), []
    for round_ in range(3):
        for number in range(5):
            report_of(alice, person(f"p{round_}{number}"), "spam")
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{LIST}?work=all").status_code == 200
        counted.append(len(queries))
    assert len({*counted}) == 1, counted
    counts = [each["sql"] for each in queries if "COUNT(" in each["sql"]]
    assert counts
    assert all("LIMIT 5" in sql for sql in counts), counts
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{LIST}?work=all&_facets=True")
    assert len(queries) == counted[0], "no counts of each filter"


def test_the_page_of_a_report_has_a_fixed_number_of_queries(crew, alice, bob, moderator):
    client, counted = signed_in(moderator), []
    for context in (0, 5, 20):
        for number in range(context):
            write(bob, crew, f"{context} {number}")
        seq = write(bob, crew, "words").seq
        asked = Reported(kind="entry", reason="spam", chat=crew, seq=seq, context=context)
        made = create_report(alice.id, asked).report
        client.get(page_of(made))
        with traffic() as sent:
            client.get(page_of(made))
        counted.append(sent.statements)
    assert len({*counted}) == 1, counted


def test_a_report_of_who_moderates_no_more_waits_for_the_others(report, moderator, root):
    other = moderator_named("other")
    queue.claim(by(moderator), report.id)
    assert [waiting.count(each).reports for each in (other, root)] == [0, 0]
    User.objects.filter(id=moderator.id).update(is_staff=False)
    assert [waiting.count(each).reports for each in (other, root)] == [1, 1]
    client = signed_in(other)
    assert "_claim" in client.get(page_of(report)).content.decode()
    client.post(page_of(report), {"_claim": "1"})
    assert Report.objects.get(id=report.id).claimed_by_id == other.id
    assert [waiting.count(each).reports for each in (other, root)] == [1, 0]
    with pytest.raises(NotPossible):
        queue.claim(by(root), report.id)
    User.objects.filter(id=other.id).update(is_active=False)
    queue.decide(by(root), report.id, outcome="action")
