"""Links to fetch next, messages that wait for fetched links, and the fetched previews."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from apps.chats.models import LinkPreview, PreviewWait

# Links being fetched count against the limits of their person and host. Each person's first waiting
# link comes before anyone's second one, also among the links of one host.
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
WHERE NOT in_flight AND nth <= %(per_person)s AND nth_of_host <= %(per_host)s
ORDER BY nth, asked_at LIMIT %(limit)s
"""


def next_links(
    *, limit: int, per_person: int, per_host: int, attempts: int, lease: timedelta
) -> list[str]:
    """Hashes of links to fetch now, in a fair order.

    Including links being fetched, at most `per_person` of one person and `per_host` of one host;
    none that was started `attempts` times.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            NEXT,
            {
                "limit": limit,
                "per_person": per_person,
                "per_host": per_host,
                "attempts": attempts,
                "lease": lease.total_seconds(),
            },
        )
        return [url_hash for (url_hash,) in cursor.fetchall()]


def messages_to_update(*, limit: int, excluding: Collection[UUID]) -> list[tuple[UUID, int]]:
    """Messages, as (chat, seq), with a link that was fetched; not in the chats `excluding`."""
    done = LinkPreview.objects.exclude(state=LinkPreview.State.WAITING).values("url_hash")
    waits = PreviewWait.objects.filter(url_hash__in=done).exclude(chat_id__in=excluding)
    return list(waits.order_by("chat_id", "seq").values_list("chat_id", "seq").distinct()[:limit])


def fetched_previews(hashes: "QuerySet[Any, Any]") -> dict[str, dict[str, str]]:
    """The previews of these links, by link, without links that have nothing to show."""
    found = LinkPreview.objects.filter(url_hash__in=hashes, state=LinkPreview.State.READY)
    fields = ("url", "title", "description", "site")
    return {row["url"]: row for row in found.values(*fields)}
