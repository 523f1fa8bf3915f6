"""Previews of the links in messages: asked for when a message is sent, added when they are there.

`want` notes in the sending transaction which message waits for which link, and wakes a worker;
`work` fetches what waits and adds it to the messages. A lost wake-up is found by the next sweep.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.chats.actions.change import changing_from_outside
from apps.chats.gateways import previews as pages
from apps.chats.links import links
from apps.chats.models import LinkPreview, Message, PreviewWait
from apps.chats.queries.previews import ready, settled
from apps.core.claims import claim, still_held
from apps.core.wake import Wake
from apps.wire import bodies

logger = logging.getLogger(__name__)
State = LinkPreview.State

MOST_AT_ONCE = 10
KEPT = timedelta(hours=2)
# Links are taken in order of their hashes, so that two batches with the same ones never deadlock.
# One that was fetched a while ago is fetched again.
ASK = """
INSERT INTO chats_linkpreview (url_hash, url, state, title, description, site, asked_at)
SELECT hash, url, 'waiting', '', '', '', now()
FROM unnest(%s::text[], %s::text[]) AS link (hash, url) ORDER BY hash
ON CONFLICT (url_hash) DO UPDATE SET state = 'waiting', asked_at = now(), claimed_at = NULL
WHERE chats_linkpreview.state <> 'waiting'
    AND chats_linkpreview.fetched_at < now() - interval '1 hour'
"""
wake = Wake("apps.chats.tasks.fetch_previews")


def want(texts: Iterable[tuple[UUID, int, str]]) -> None:
    """Have the links in these (chat, seq, text) looked at, once the transaction commits.

    Costs nothing for texts without a link. Does nothing when previews are switched off.
    """
    if not settings.LINK_PREVIEWS:
        return
    found = [(chat, seq, url) for chat, seq, text in texts for url in links(text)]
    if not found:
        return
    hashes = {_hash(url): url for _, _, url in found}
    with connection.cursor() as cursor:
        cursor.execute(ASK, [list(hashes), list(hashes.values())])
    PreviewWait.objects.bulk_create(
        [PreviewWait(chat_id=chat, seq=seq, url_hash=_hash(url)) for chat, seq, url in found],
        ignore_conflicts=True,
    )
    transaction.on_commit(wake, robust=True)


def kept(message: Message, text: str) -> list[dict[str, str]] | None:
    """Those of a message's previews whose links also stand in another text."""
    still = set(links(text))
    return [one for one in message.previews or [] if one["url"] in still] or None


def work() -> int:
    """Fetch some of what waits, and add some of what is there; answers how much was done."""
    return fetch_some() + add_some()


def forget() -> None:
    """Remove links that would be fetched anew anyway: who once sent what is not kept here."""
    waited_for = PreviewWait.objects.values("url_hash")
    long_ago = timezone.now() - KEPT
    old = LinkPreview.objects.filter(fetched_at__lt=long_ago).exclude(state=State.WAITING)
    old.exclude(url_hash__in=waited_for).delete()


def fetch_some() -> int:
    """Fetch a few links; answers how many were claimed."""
    waiting = LinkPreview.objects.filter(state=State.WAITING).order_by("asked_at")
    taken = claim(waiting, most=MOST_AT_ONCE)
    if taken:
        for row, page in zip(taken, pages.fetch([row.url for row in taken]), strict=True):
            _store(row, page)
    return len(taken)


def add_some() -> int:
    """Add previews to messages that waited; answers to how many."""
    waiting = settled(most=100)
    for chat_id, seq in waiting:
        try:
            _add(chat_id, seq)
        except DatabaseError:
            # One that cannot be changed must not stand before the others for ever.
            logger.exception("a preview cannot be added")
            PreviewWait.objects.filter(chat_id=chat_id, seq=seq).delete()
    return len(waiting)


def _store(row: LinkPreview, page: bodies.Preview | None) -> None:
    with transaction.atomic():
        held = still_held(row)
        if held is None:
            return
        held.state = State.EMPTY if page is None else State.READY
        if page is not None:
            held.title, held.description, held.site = page.title, page.description, page.site
        held.claimed_at, held.fetched_at = None, timezone.now()
        held.save()


def _add(chat_id: UUID, seq: int) -> None:
    # The change has no author; nothing looks at who makes one that is no entry.
    with changing_from_outside(chat_id, chat_id) as change:
        waits = PreviewWait.objects.filter(chat_id=chat_id, seq=seq)
        known = ready(waits.values("url_hash"))
        message = Message.objects.get(pk=(chat_id, seq))
        now = {one["url"]: one for one in message.previews or []} | known
        shown = [now[url] for url in links(message.text) if url in now]
        if shown != (message.previews or []):
            change.change_message(seq, previews=shown or None)
        done = LinkPreview.objects.exclude(state=State.WAITING).values("url_hash")
        waits.filter(url_hash__in=done).delete()


def _hash(url: str) -> str:
    return sha256(url.encode()).hexdigest()
