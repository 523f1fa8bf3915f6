"""Closes reports that nobody decided: their evidence must not be kept without end."""

import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, override

from apps.core.errors import Refused
from apps.core.identifiers import first_id_at
from apps.core.runtime import runtime
from apps.moderation.actions import queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import Report
from apps.moderation.models.report import WAITING

logger = logging.getLogger(__name__)
BATCH_SIZE = 100


def close_forgotten() -> None:
    """Decide that nothing was done about reports older than EVIDENCE_DAYS, and tell each reporter.

    Their evidence is deleted in as many days again. Safe to run concurrently anywhere.
    """
    before = first_id_at(timezone.now() - timedelta(days=runtime.EVIDENCE_DAYS))
    last: UUID | None = UUID(int=0)
    while last is not None:
        last = _close_batch(after=last, before=before)


def _close_batch(*, after: UUID, before: UUID) -> UUID | None:
    """Close some of the reports with ids between these. Returns the last id; None at the end."""
    waiting = Report.objects.filter(WAITING, id__gt=after, id__lt=before)
    rows = list(waiting.select_related("reporter").order_by("id")[:BATCH_SIZE])
    for row in rows:
        # A report by a rule has no reporter who reads the answer.
        with override(row.reporter.locale if row.reporter else None):
            answer = gettext("No moderator decided about it in time.")
        try:
            queue.decide(
                By(None, Door.WORKER), row.id, outcome=Report.Outcome.NO_ACTION, answer=answer
            )
        except Refused:  # a moderator has decided it now
            logger.info("the report %s is decided already", row.id)
        except Exception:  # the next pass tries again; the others must not wait for it
            logger.exception("the report %s cannot be closed", row.id)
    return rows[-1].id if len(rows) == BATCH_SIZE else None
