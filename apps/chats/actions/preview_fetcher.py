"""A worker's pass for previews: fetches requested links and adds the previews to messages.

Links are fetched concurrently, and each is stored as soon as it is fetched. Each person and each
host has a limited share of the concurrent fetches and of each minute, so that a slow host or a
person with many links does not delay others.
"""

import asyncio
import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from apps.chats.actions.chat_change import changing_without_membership
from apps.chats.gateways import previews as pages
from apps.chats.links import links
from apps.chats.models import LinkPreview, Message, PreviewWait
from apps.chats.queries.previews import fetched_previews, messages_to_update, next_links
from apps.core import limits
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE, is_lock_conflict
from apps.core.errors import RateLimited
from apps.core.event_loop_thread import event_loop_thread
from apps.wire import bodies

logger = logging.getLogger(__name__)
State = LinkPreview.State

MAX_IN_FLIGHT = 20
MAX_IN_FLIGHT_PER_PERSON = 3
MAX_IN_FLIGHT_PER_HOST = 3
# Fetches per minute. The limit per host covers all people of this server.
PERSON_LIMIT = limits.Limit("previews_of_person", 30, 60)
HOST_LIMIT = limits.Limit("previews_of_host", 60, 60)
# Claims of one link by workers that die.
MAX_ATTEMPTS = 3
# Far longer than a fetch (`outbound_http.REQUEST_TIMEOUT_S`).
LEASE = timedelta(seconds=30)
# How long one pass starts new fetches, and how often it looks for new links.
PASS_S = 20.0
POLL_INTERVAL_S = 0.5
# If a chat stays locked for longer, its messages get their previews in the next pass.
LOCK_TIMEOUT = "500ms"
MAX_ADDED_AT_ONCE = 100

# The statements below skip rows that are locked, and lock in the same order as
# `previews.REQUEST_LINKS`: they never deadlock with a batch of sends that requests the same links.
# Drop a link that could not be fetched in time. Sending it again requests it again.
EXPIRE = """
DELETE FROM chats_linkpreview WHERE url_hash IN (
    SELECT url_hash FROM chats_linkpreview
    WHERE state = 'waiting' AND asked_at < now() - interval '10 minutes'
        AND (claimed_at IS NULL OR claimed_at < now() - %(lease)s * interval '1 second')
    ORDER BY url_hash FOR UPDATE SKIP LOCKED)
"""
# Give up a link whose workers died each time.
PARK = """
UPDATE chats_linkpreview SET state = 'empty', asker = NULL, claimed_at = NULL, fetched_at = now()
WHERE url_hash IN (
    SELECT url_hash FROM chats_linkpreview
    WHERE state = 'waiting' AND attempt >= %(attempts)s
        AND claimed_at < now() - %(lease)s * interval '1 second'
    ORDER BY url_hash FOR UPDATE SKIP LOCKED)
RETURNING url_hash
"""
# Delete links that would be fetched again anyway, so that no history of sent links is stored.
FORGET = """
DELETE FROM chats_linkpreview WHERE url_hash IN (
    SELECT url_hash FROM chats_linkpreview p
    WHERE state <> 'waiting' AND fetched_at < now() - interval '2 hours'
        AND NOT EXISTS (SELECT FROM chats_previewwait w WHERE w.url_hash = p.url_hash)
    ORDER BY url_hash FOR UPDATE SKIP LOCKED)
"""
FORGET_WAITS = """
DELETE FROM chats_previewwait WHERE (chat_id, seq, url_hash) IN (
    SELECT chat_id, seq, url_hash FROM chats_previewwait w
    WHERE NOT EXISTS (SELECT FROM chats_linkpreview p WHERE p.url_hash = w.url_hash)
    FOR UPDATE SKIP LOCKED)
"""


class PreviewFetcher:
    """One pass: runs until no link may be fetched now, or for PASS_S."""

    def __init__(self) -> None:
        self._in_flight: dict[Future[bodies.Preview | None], LinkPreview] = {}
        # Chats whose lock timed out in this pass.
        self._busy: set[UUID] = set()

    def run(self) -> None:
        """Clean up, fetch links and add previews."""
        clean_up()
        until = time.monotonic() + PASS_S
        with event_loop_thread("previews") as loop:
            while True:
                if time.monotonic() < until:
                    self._start_fetches(loop)
                self._add_previews()
                if not self._in_flight:
                    return
                self._store_results()

    def _start_fetches(self, loop: asyncio.AbstractEventLoop) -> None:
        for row in claim_links(MAX_IN_FLIGHT - len(self._in_flight)):
            self._in_flight[asyncio.run_coroutine_threadsafe(pages.fetch(row.url), loop)] = row

    def _store_results(self) -> None:
        done, _ = wait(self._in_flight, timeout=POLL_INTERVAL_S, return_when=FIRST_COMPLETED)
        for future in done:
            _store(self._in_flight.pop(future), future.result())

    def _add_previews(self) -> None:
        """Add fetched previews to their messages."""
        for chat_id, seq in messages_to_update(limit=MAX_ADDED_AT_ONCE, excluding=self._busy):
            if chat_id in self._busy:
                continue
            try:
                _add_to(chat_id, seq)
            except DATABASE_UNAVAILABLE as error:
                # PostgreSQL is unavailable: each further message would wait for it, too.
                if not is_lock_conflict(error):
                    raise
                self._busy.add(chat_id)
            except Exception:
                # Drop the request: one bad message must not stop the rest in every pass.
                logger.exception("a preview cannot be added")
                PreviewWait.objects.filter(chat_id=chat_id, seq=seq).delete()


def clean_up() -> None:
    """Give up links that waited too long or failed too often, and delete what is not needed."""
    known = {"lease": LEASE.total_seconds(), "attempts": MAX_ATTEMPTS}
    with connection.cursor() as cursor:
        cursor.execute(PARK, known)
        for (url_hash,) in cursor.fetchall():
            logger.error("link %s was given up after %d attempts", url_hash, MAX_ATTEMPTS)
        for statement in (EXPIRE, FORGET, FORGET_WAITS):
            cursor.execute(statement, known)


def claim_links(limit: int) -> list[LinkPreview]:
    """Claim up to `limit` links to fetch now, with a fair share for each person and host."""
    hashes = next_links(
        limit=limit,
        per_person=MAX_IN_FLIGHT_PER_PERSON,
        per_host=MAX_IN_FLIGHT_PER_HOST,
        attempts=MAX_ATTEMPTS,
        lease=LEASE,
    )
    waiting = LinkPreview.objects.filter(url_hash__in=hashes, state=State.WAITING)
    taken = claim(waiting.order_by("url_hash"), limit=limit, lease=LEASE) if hashes else []
    return [row for row in taken if _may_be_fetched(row)]


def _may_be_fetched(row: LinkPreview) -> bool:
    """Count a fetch for its person and its host. Postpones the link if there were too many."""
    try:
        limits.check(PERSON_LIMIT, row.asker)
        limits.check(HOST_LIMIT, row.host)
    except RateLimited as refusal:
        put_off = timedelta(seconds=refusal.retry_after or 1)
        mine = LinkPreview.objects.filter(url_hash=row.url_hash, attempt=row.attempt)
        mine.update(due_at=Now() + put_off, claimed_at=None, attempt=F("attempt") - 1)
        return False
    return True


def _store(row: LinkPreview, page: bodies.Preview | None) -> None:
    with transaction.atomic():
        held = still_held(row)
        if held is None:
            return
        held.state = State.EMPTY if page is None else State.READY
        if page is not None:
            held.title, held.description, held.site = page.title, page.description, page.site
        held.asker, held.claimed_at, held.fetched_at = None, None, timezone.now()
        held.save()


def _add_to(chat_id: UUID, seq: int) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        # The change has no author. The actor's id is only used for entries, and this adds none.
        with changing_without_membership(chat_id, chat_id) as change:
            waits = PreviewWait.objects.filter(chat_id=chat_id, seq=seq)
            known = fetched_previews(waits.values("url_hash"))
            message = Message.objects.get(pk=(chat_id, seq))
            now = {one["url"]: one for one in message.previews or []} | known
            shown = [now[url] for url in links(message.text) if url in now]
            if shown != (message.previews or []):
                change.change_message(seq, previews=shown or None)
            done = LinkPreview.objects.exclude(state=State.WAITING).values("url_hash")
            waits.filter(url_hash__in=done).delete()
