"""Which links are to be fetched next, which messages wait for those that were, and what they
show."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from apps.chats.models import LinkPreview, PreviewWait

# Links in flight count against the shares of their person and of their host. Of what waits, each
# person's first link comes before anybody's second one, also among the links of one host.
NEXT = """
WITH candidate AS (
    SELECT url_hash, asker, host, asked_at,
        coalesce(claimed_at >= now() - %(lease)s * interval '1 second', false) AS in_flight
    FROM chats_linkpreview
    WHERE state = 'waiting' AND due_at <= now()
        AND (attempt < %(attempts)s OR claimed_at >= now() - %(lease)s * interval '1 second')
), of_person AS (
    SELECT *, row_number() OVER (PARTITION BY asker ORDER BY in_flight DESC, asked_at) AS nth
    FROM candidate
), of_host AS (
    SELECT *, row_number() OVER (PARTITION BY host ORDER BY in_flight DESC, nth, asked_at)
        AS nth_of_host
    FROM of_person
)
SELECT url_hash FROM of_host
WHERE NOT in_flight AND nth <= %(person)s AND nth_of_host <= %(host)s
ORDER BY nth, asked_at LIMIT %(limit)s
"""


def next_links(
    *, limit: int, a_person: int, a_host: int, attempts: int, lease: timedelta
) -> list[str]:
    """Hashes of links to be fetched now, in a fair order: with what is in flight, at most
    `a_person` links of a person and `a_host` of a host, none that was begun `attempts` times."""
    with connection.cursor() as cursor:
        cursor.execute(
            NEXT,
            {
                "limit": limit,
                "person": a_person,
                "host": a_host,
                "attempts": attempts,
                "lease": lease.total_seconds(),
            },
        )
        return [row[0] for row in cursor.fetchall()]


def settled(*, limit: int, besides: Collection[UUID]) -> list[tuple[UUID, int]]:
    """Messages, as (chat, seq), some link of which is no longer waited for; none of the chats
    `besides`."""
    done = LinkPreview.objects.exclude(state=LinkPreview.State.WAITING).values("url_hash")
    waits = PreviewWait.objects.filter(url_hash__in=done).exclude(chat_id__in=besides)
    return list(waits.order_by("chat_id", "seq").values_list("chat_id", "seq").distinct()[:limit])


def ready(hashes: "QuerySet[Any, Any]") -> dict[str, dict[str, str]]:
    """What these links show, by link; those without anything to show are left out."""
    found = LinkPreview.objects.filter(url_hash__in=hashes, state=LinkPreview.State.READY)
    fields = ("url", "title", "description", "site")
    return {row[0]: dict(zip(fields, row, strict=True)) for row in found.values_list(*fields)}
