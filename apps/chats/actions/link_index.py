"""Keeps the list of each chat's links up to date.

As with the search index (`gateways.search.indexer`), a chat's revisions show what is missing: all
messages that changed after the chat's indexed revision, including edits and deletions. The list
first catches up on its chat, so it has even the newest links. A worker catches up on all chats, so
that the list has little to do; the links of messages from before this table existed come from the
same pass.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from apps.chats import indexed_revisions
from apps.chats.links import links
from apps.chats.models import MessageLink

# Of one message, which may have thousands.
MAX_LISTED = 50
# Bounds the texts in memory: each may have 100,000 characters.
MAX_CHANGES_PER_BATCH = 500
# A list catches up on this many batches; the worker does the rest.
MAX_BATCHES_PER_LIST = 10
MAX_CHATS_PER_BATCH = 100
# The worker's pass ends after this time; the next pass continues.
PASS_S = 20.0
TABLE = "chats_linksindexed"
BEHIND = indexed_revisions.behind(TABLE)
ENTER = indexed_revisions.enter(TABLE)
LOCK = indexed_revisions.lock(TABLE)
LOCK_FREE = indexed_revisions.lock_free(TABLE)
# Forgets the links of all changed messages, and returns the texts that may have some. One range of
# the index message_changes per chat.
TAKE = f"""
WITH behind AS MATERIALIZED ({indexed_revisions.next_changes(TABLE)}), changed AS MATERIALIZED (
    SELECT m.chat_id, m.seq,
        CASE WHEN m.kind = 'text' AND m.text ~* '://|www[.]' THEN m.text END AS text
    FROM behind b JOIN chats_message m
        ON m.chat_id = b.id AND m.rev > b.since AND m.rev <= b.upto
), gone AS (
    DELETE FROM chats_messagelink l USING changed c WHERE l.chat_id = c.chat_id AND l.seq = c.seq
), moved AS (
    UPDATE chats_linksindexed i SET rev = b.upto FROM behind b WHERE i.chat_id = b.id
)
SELECT chat_id, seq, text FROM changed WHERE text IS NOT NULL
"""  # noqa: S608  constants only


def catch_up(chats: Sequence[UUID]) -> None:
    """List the links of these chats' newest messages, but of none that is being listed now. Runs
    one query if all are listed."""
    for _ in range(MAX_BATCHES_PER_LIST):
        with connection.cursor() as cursor:
            cursor.execute(f"{BEHIND} AND c.id = ANY(%s) LIMIT {MAX_CHATS_PER_BATCH}", [[*chats]])
            behind = [chat for (chat,) in cursor.fetchall()]
        if not behind or not _index(behind, LOCK_FREE):
            return


def catch_up_all_chats() -> None:
    """List the links of all chats, for about PASS_S seconds."""
    behind = f"{BEHIND} LIMIT {MAX_CHATS_PER_BATCH}"
    for chats in indexed_revisions.batches(behind, pass_s=PASS_S):
        _index(chats)


def _index(chats: Sequence[UUID], lock: str = LOCK) -> bool:
    """List the links of about MAX_CHANGES_PER_BATCH changes of these chats. Returns whether any of
    the chats could be locked."""
    # Apart from the rest: others that enter the same chats wait for the end of this transaction.
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [[*chats]])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(lock, [[*chats]])
        locked = [chat for (chat,) in cursor.fetchall()]
        cursor.execute(TAKE, {"chats": locked, "limit": MAX_CHANGES_PER_BATCH})
        changed = cursor.fetchall()
        MessageLink.objects.bulk_create(
            MessageLink(chat_id=chat, seq=seq, place=place, url=url)
            for chat, seq, text in changed
            for place, url in enumerate(links(text, limit=MAX_LISTED))
        )
    return bool(locked)
