"""The moderators' work on reports: reading the evidence, claiming, notes, the decision.

Each writes an audit record. Nobody handles a report about themselves.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.core.errors import Invalid, NotFound, NotPossible
from apps.files.queries import downloads
from apps.moderation.actions import audit, telling
from apps.moderation.actions.audit import About, By
from apps.moderation.actions.people import checked_text
from apps.moderation.models import Evidence, EvidenceFile, Note, Report
from apps.moderation.queries import reports
from apps.moderation.queries.moderators import OutOfReach, get_moderator, is_moderator
from apps.wire.publish import publish

MAX_ANSWER = 2_000
MAX_NOTE = 4_000
State, Outcome = Report.State, Report.Outcome


class Opened(NamedTuple):
    """A report as a moderator reads it."""

    report: Report
    evidence: Sequence[Evidence]
    notes: Sequence[Note]
    # Those of which there is a copy, by the ids that the evidence has.
    files: frozenset[UUID]


@transaction.atomic
def open_report(by: By, report_id: UUID) -> Opened:
    """The report with its evidence. Being shown it is recorded.

    Raises NotFound, NoModerator and OutOfReach, as all functions here.
    """
    row = _locked(by, report_id)
    opened = Opened(
        row,
        list(row.evidence.order_by("seq")),
        list(row.notes.select_related("by").order_by("id")),
        frozenset(
            EvidenceFile.objects.filter(report=row).values_list("file__client_id", flat=True),
        ),
    )
    _record("view_evidence", by, row)
    return opened


@transaction.atomic
def open_file(by: By, report_id: UUID, file_id: UUID) -> downloads.Download:
    """A file of the evidence, in its best quality. Being shown it is recorded."""
    row = _locked(by, report_id)
    copied = EvidenceFile.objects.filter(report=row, file__client_id=file_id).first()
    if copied is None:
        raise NotFound
    found = downloads.get_best(copied.file_id)
    _record("view_file", by, row, file=str(file_id))
    return found


@transaction.atomic
def claim(by: By, report_id: UUID) -> Report:
    """Take the report, so that no other moderator works on it. Raises NotPossible when
    another has taken it; a person who is no longer a moderator does not keep it."""
    row = _locked(by, report_id)
    _check_undecided(by, row)
    if row.state == State.OPEN or (by.id is not None and row.claimed_by_id != by.id):
        row.state, row.claimed_by_id = State.CLAIMED, by.id
        row.save(update_fields=["state", "claimed_by"])
        publish(reports.publications(row))
        telling.of_report(row, by=by.id)
        _record("claim", by, row)
    return row


@transaction.atomic
def release(by: By, report_id: UUID) -> Report:
    """Give back a claimed report; an administrator gives back those of others, too."""
    row = _locked(by, report_id)
    if row.state != State.CLAIMED:
        raise NotPossible(gettext_noop("Nobody has claimed this report."))
    if _is_of_another(by, row) and by.id is not None and not get_moderator(by.id).is_superuser:
        raise NotPossible(gettext_noop("Another moderator has claimed this report."))
    row.state, row.claimed_by_id = State.OPEN, None
    row.save(update_fields=["state", "claimed_by"])
    publish(reports.publications(row))
    telling.of_report(row, by=by.id)
    _record("release", by, row)
    return row


@transaction.atomic
def add_note(by: By, report_id: UUID, text: str) -> Note:
    """Add a note for other moderators. Raises Invalid."""
    row = _locked(by, report_id)
    note = Note.objects.create(report=row, by_id=by.id, text=checked_text(text, MAX_NOTE, "#/text"))
    _record("note", by, row)
    return note


@transaction.atomic
def decide(by: By, report_id: UUID, *, outcome: str, answer: str = "") -> Report:
    """Close the report. The reporter learns the outcome and reads the answer.

    Raises Invalid, and NotPossible for a decided report and one that another moderator claimed.
    """
    row = _locked(by, report_id)
    _check_undecided(by, row)
    if outcome not in Outcome.values:
        raise Invalid(gettext_noop("Unknown outcome."), pointer="#/outcome")
    row.answer = checked_text(answer, MAX_ANSWER, "#/answer") if answer else ""
    row.state, row.outcome = State.DECIDED, outcome
    row.decided_by_id, row.decided_at = by.id, timezone.now()
    row.save(update_fields=["state", "outcome", "answer", "decided_by", "decided_at"])
    publish(reports.publications(row))
    telling.of_decision(row)
    telling.of_report(row, by=by.id)
    _record("decide", by, row, outcome=outcome)
    return row


def is_free(row: Report) -> bool:
    """Whether a moderator can claim it: nobody has, or only somebody who moderates no more."""
    if row.state != State.CLAIMED or row.claimed_by is None:
        return row.state == State.OPEN
    return not is_moderator(row.claimed_by)


def _locked(by: By, report_id: UUID) -> Report:
    """The report, locked. Raises NoModerator, NotFound, OutOfReach."""
    row = Report.objects.select_for_update(no_key=True).filter(id=report_id).first()
    if by.id is not None:
        get_moderator(by.id)
    if row is None:
        raise NotFound
    if by.id is not None and row.person_id == by.id:
        raise OutOfReach(gettext_noop("This report is about you."))
    return row


def _check_undecided(by: By, row: Report) -> None:
    if row.state == State.DECIDED:
        raise NotPossible(gettext_noop("This report is already decided."))
    if row.state == State.CLAIMED and by.id is not None and _is_of_another(by, row):
        raise NotPossible(gettext_noop("Another moderator has claimed this report."))


def _is_of_another(by: By, row: Report) -> bool:
    """Whether somebody else has claimed it who still moderates."""
    return row.claimed_by_id != by.id and not is_free(row)


def _record(action: str, by: By, row: Report, **details: str) -> None:
    about = About(person=row.person_id, chat=row.chat_id, seq=row.seq, report=row.id)
    audit.record(action, by=by, about=about, details=details)
