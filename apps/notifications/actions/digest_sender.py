"""Sends the digests that are due, one after the other over one connection to the mail server.

A few rows are claimed at a time, so that several workers share the digests of a morning and none
holds many. Each mail is made from what is unread when it is sent, handed to the server, and then
recorded: nothing that the server accepted and that is recorded is sent again. A worker that is
killed between the two sends that digest again, under the same Message-ID.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import User
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE, is_lock_conflict
from apps.core.draining import draining
from apps.core.mail import sends_mail
from apps.core.metrics import DIGESTS
from apps.notifications.actions.digest_mail import Content
from apps.notifications.actions.digests import plan
from apps.notifications.gateways.mail_server import MailResult, MailServer
from apps.notifications.models import Digest, DigestPosition

logger = logging.getLogger(__name__)

MAX_PASS_S = 20.0
SLICE_SIZE = 10
# Longer than a pass and the mail that is being sent at its end; the rest is given back then.
CLAIM_LEASE = timedelta(minutes=3)
FIRST_DELAY_S, MAX_DELAY_S = 60, 3600


class DigestSender:
    """Sends digests until none is due, or until `max_pass_s` have passed. `unfinished`: more is
    due."""

    def __init__(self, *, max_pass_s: float = MAX_PASS_S) -> None:
        self.unfinished = False
        self._until = time.monotonic() + max_pass_s
        self._away = False

    def run(self) -> int:
        """Send what is due. Returns the number of digests that were looked at."""
        looked_at = 0
        if not sends_mail():
            return 0
        with MailServer() as server:
            while claimed := claim(due(), limit=SLICE_SIZE, lease=CLAIM_LEASE):
                looked_at += self._send_slice(claimed, server)
                if self._away:
                    break
                if time.monotonic() > self._until or draining.is_set():
                    self.unfinished = True
                    break
        return looked_at

    def _send_slice(self, claimed: list[Digest], server: MailServer) -> int:
        for done, row in enumerate(claimed):
            if self._away or (done and time.monotonic() > self._until) or draining.is_set():
                _give_back(claimed[done:])
                return done
            try:
                self._send(row, server)
            except DATABASE_UNAVAILABLE as error:
                # Without PostgreSQL each of the others would wait for it, too. After a lock
                # timeout the claim runs out, and the digest is tried again.
                if not is_lock_conflict(error):
                    raise
            except Exception:  # one bad digest must not stop the rest
                logger.exception("a digest cannot be made: of %s", row.user_id)
                _record(row, MailResult.LATER)
        return len(claimed)

    def _send(self, row: Digest, server: MailServer) -> None:
        content = Content(row)
        mail = content.mail()
        if mail is None:
            _record(row, None)
            return
        result = server.send(mail)
        self._away = result is MailResult.AWAY
        _record(row, result, content)


def due() -> QuerySet[Digest]:
    """Digests that are due, the oldest first."""
    return Digest.objects.filter(next_at__lte=Now()).order_by("next_at")


def _give_back(rows: list[Digest]) -> None:
    """Let others claim these at once."""
    for row in rows:
        Digest.objects.filter(pk=row.pk, attempt=row.attempt).update(claimed_at=None)


def _record(row: Digest, result: MailResult | None, content: Content | None = None) -> None:
    """Record what became of a digest; None: there was nothing to tell."""
    DIGESTS.labels("empty" if result is None else result.name.lower()).inc()
    now = timezone.now()
    with transaction.atomic():
        held = still_held(row)
        if held is None:
            return
        held.claimed_at = None
        if result in (MailResult.LATER, MailResult.AWAY):
            _put_off(held, now)
        else:
            if content is not None and result is MailResult.REFUSED:
                held.refused = content.address
            elif content is not None:
                _note_sent(held, content, now)
            # One that was asked for while this one was made is still due.
            held.trial = held.trial and not row.trial
            plan(held, User.objects.get(id=row.user_id), now=now)
        held.save()


def _note_sent(held: Digest, content: Content, now: datetime) -> None:
    held.refused, held.sent_at = "", now
    if not content.row.trial:
        DigestPosition.objects.bulk_create(
            [
                DigestPosition(user_id=held.user_id, chat_id=chat.chat, seq=chat.last)
                for chat in content.chats
            ],
            update_conflicts=True,
            unique_fields=["user", "chat_id"],
            update_fields=["seq"],
        )


def _put_off(held: Digest, now: datetime) -> None:
    delay = min(MAX_DELAY_S, FIRST_DELAY_S * 2 ** min(held.failures, 10))
    held.failures = min(held.failures + 1, 1_000)
    if held.next_at is not None:
        held.next_at = now + timedelta(seconds=delay)
