"""Previews of the links in messages: requested when a message is sent, added once fetched.

`request_previews` records, in the sending transaction, which message waits for which link, and
wakes a worker, which does the rest (`preview_fetcher`). A lost wake-up costs time only: the next
periodic run finds the work.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.chats.links import host_of, links
from apps.chats.models import Message
from apps.core.reads import bigints
from apps.core.runtime import runtime
from apps.core.task_wakeup import TaskWakeup

# Per person. Links beyond this limit get no preview.
MAX_WAITING_LINKS = 30
# Locks links in the order of their hashes, so that two batches with the same links never deadlock.
# Links fetched over an hour ago are fetched again. `asker` is the message's author.
REQUEST_LINKS = """
WITH link AS (
    SELECT l.hash, l.url, l.host, m.sender_id AS asker,
        row_number() OVER (PARTITION BY m.sender_id ORDER BY l.hash) AS nth
    FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[])
        AS l (chat, seq, hash, url, host)
    JOIN chats_message m ON m.chat_id = l.chat AND m.seq = l.seq
), held AS (
    SELECT asker, count(*) AS waiting FROM chats_linkpreview
    WHERE state = 'waiting' AND asker IN (SELECT asker FROM link) GROUP BY asker
)
INSERT INTO chats_linkpreview AS known (url_hash, url, host, asker, state, title, description, site,
    asked_at, due_at)
SELECT hash, url, host, asker, 'waiting', '', '', '', now(), now()
FROM link LEFT JOIN held USING (asker) WHERE coalesce(waiting, 0) + nth <= %s ORDER BY hash
ON CONFLICT (url_hash) DO UPDATE
SET state = 'waiting', asker = excluded.asker, host = excluded.host, asked_at = now(),
    due_at = now(), claimed_at = NULL, attempt = 0
WHERE known.state <> 'waiting' AND known.fetched_at < now() - interval '1 hour'
"""
# Only links that were accepted above get a waiting message.
ADD_WAITS = """
INSERT INTO chats_previewwait (chat_id, seq, url_hash)
SELECT chat, seq, hash FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS w (chat, seq, hash)
WHERE EXISTS (SELECT FROM chats_linkpreview p WHERE p.url_hash = w.hash)
ON CONFLICT DO NOTHING
"""
# A fetched page is only a cache. One that another message waits for is forgotten later.
FORGET_LINKS = """
DELETE FROM chats_linkpreview WHERE url_hash IN (
    SELECT url_hash FROM chats_linkpreview p
    WHERE url_hash = ANY(%s)
        AND NOT EXISTS (SELECT FROM chats_previewwait w WHERE w.url_hash = p.url_hash)
    ORDER BY url_hash FOR UPDATE SKIP LOCKED)
"""
preview_wakeup = TaskWakeup("apps.chats.tasks.fetch_previews")


def request_previews(texts: Iterable[tuple[UUID, int, str]]) -> None:
    """Request the links in these stored messages, given as (chat, seq, text). Fetching starts once
    the transaction has committed.

    Runs no query for texts without links, or when previews are switched off.
    """
    if not runtime.LINK_PREVIEWS:
        return
    found = [(chat, seq, _hash(url), url) for chat, seq, text in texts for url in links(text)]
    if not found:
        return
    firsts = {one[2]: one for one in reversed(found)}
    chats, seqs, hashes, urls = zip(*firsts.values(), strict=True)
    waits: list[Any] = [
        [one[0] for one in found],
        bigints(one[1] for one in found),
        [one[2] for one in found],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            REQUEST_LINKS,
            [
                list(chats),
                bigints(seqs),
                list(hashes),
                list(urls),
                [host_of(url) for url in urls],
                MAX_WAITING_LINKS,
            ],
        )
        cursor.execute(ADD_WAITS, waits)
    transaction.on_commit(preview_wakeup, robust=True)


def forget_links(texts: Iterable[str]) -> int:
    """Delete what was fetched for the links of these texts. Returns how many. Messages keep their
    own copies."""
    hashes = {_hash(url) for text in texts for url in links(text)}
    if not hashes:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FORGET_LINKS, [sorted(hashes)])
        return int(cursor.rowcount)


def still_linked(message: Message, text: str) -> list[dict[str, str]] | None:
    """The message's previews whose links are also in `text`."""
    still = set(links(text))
    return [one for one in message.previews or [] if one["url"] in still] or None


def _hash(url: str) -> str:
    return sha256(url.encode()).hexdigest()
