"""Keeps the index of PostgreSQL's full-text search up to date.

A chat's revisions show what is missing: all messages that changed after the chat's indexed
revision, including edits and deletions. A search first catches up on the asker's chats, so it finds
even the newest messages. It never waits for another indexer: chats that are being indexed at that
moment are searched as they are. A worker catches up on all chats, so that searches have little to
do.
"""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from apps.chats import indexed_revisions
from apps.core.reads import rows_of

logger = logging.getLogger(__name__)

# A search catches up on this much; the worker does the rest, in batches as small: while a batch has
# locked a chat, searches may not find its newest messages.
MAX_CHANGES_PER_BATCH = 2_000
MAX_CHATS_PER_BATCH = 500
TABLE = "chats_indexed"
BEHIND = indexed_revisions.behind(TABLE)
BEHIND_OF = BEHIND + " AND c.id = ANY(%(chats)s)"
ENTER = indexed_revisions.enter(TABLE)
LOCK = indexed_revisions.lock(TABLE)
LOCK_FREE = indexed_revisions.lock_free(TABLE)
# A word that nobody can type is between the text and the names of files: no phrase leads from one
# into the other.
FILES = """CASE WHEN files IS NULL THEN '' ELSE
        '"=files":1'::tsvector || parley_lexemes(chat_id, sender_id, created_at,
            (SELECT string_agg(f ->> 'name', ' ') FROM jsonb_array_elements(files) f))
        || array_to_tsvector(ARRAY(SELECT '=' || kind FROM (
            SELECT 'file' AS kind UNION SELECT f ->> 'kind' FROM jsonb_array_elements(files) f) k))
        END"""
# `parley_lexemes` marks those with a scheme.
BARE_LINK = r"""CASE WHEN text ~* '(^|[^a-z0-9/.@=&-])www\.[^\s./?#]+\.[^\s./?#]'
        THEN array_to_tsvector(ARRAY['=link']) ELSE '' END"""
# Words are derived only where the text or a file is another one: replies, reactions, pins and
# previews change messages, too. A migration that derives other words sets `source` to null.
CATCH_UP = f"""
WITH behind AS MATERIALIZED ({indexed_revisions.next_changes(TABLE)}), changed AS MATERIALIZED (
    SELECT m.chat_id, m.seq, m.sender_id, m.created_at, m.text, m.files,
        m.kind = 'text' AND m.deleted_at IS NULL AS there,
        hashtextextended(m.text, hashtextextended(coalesce(m.files::text, ''), 0)) AS source
    FROM behind b JOIN chats_message m
        ON m.chat_id = b.id AND m.rev > b.since AND m.rev <= b.upto
), gone AS (
    DELETE FROM chats_searchable s USING changed c
    WHERE s.chat_id = c.chat_id AND s.seq = c.seq AND NOT c.there
), put AS (
    INSERT INTO chats_searchable (chat_id, seq, sender_id, created_at, search, source)
    SELECT chat_id, seq, sender_id, created_at,
        parley_lexemes(chat_id, sender_id, created_at, text) || {BARE_LINK} || {FILES}, source
    FROM changed c WHERE there AND NOT EXISTS (
        SELECT FROM chats_searchable s
        WHERE s.chat_id = c.chat_id AND s.seq = c.seq AND s.source = c.source)
    ON CONFLICT (chat_id, seq) DO UPDATE SET search = excluded.search, source = excluded.source
)
UPDATE chats_indexed i SET rev = b.upto FROM behind b WHERE i.chat_id = b.id
"""  # noqa: S608  constants only


# SQLSTATE classes of unindexable texts: data exceptions, and limits of the server (a tsvector holds
# a megabyte). And the code of a statement that timed out.
REFUSED_CLASSES = ("22", "54")
QUERY_CANCELED = "57014"
# The worker's pass ends after this time; the next pass continues.
PASS_S = 60.0
# Skips the next revision: removes its message from the index, with the words of its former text.
LEAVE_OUT = """
WITH passed AS (
    UPDATE chats_indexed SET rev = rev + 1 WHERE chat_id = %s RETURNING chat_id, rev
), message AS (
    SELECT m.chat_id, m.seq FROM chats_message m JOIN passed USING (chat_id, rev)
), gone AS (
    DELETE FROM chats_searchable s USING message m WHERE (s.chat_id, s.seq) = (m.chat_id, m.seq)
)
SELECT seq FROM message
"""


def catch_up(chats: Sequence[UUID], *, limit: int = MAX_CHANGES_PER_BATCH) -> None:
    """Index about `limit` changes of these chats, but of none that is being indexed now."""
    behind = [chat for (chat,) in rows_of(BEHIND_OF, {"chats": [*chats]})]
    if behind:
        _index(behind, limit, LOCK_FREE)


def catch_up_all_chats() -> None:
    """Index the changes of all chats, for about PASS_S seconds."""
    behind = f"{BEHIND} LIMIT {MAX_CHATS_PER_BATCH}"
    for chats in indexed_revisions.batches(behind, pass_s=PASS_S):
        _index(chats, MAX_CHANGES_PER_BATCH)


def _index(chats: Sequence[UUID], limit: int, lock: str = LOCK) -> None:
    """Index about `limit` changes of these chats. Skips texts that PostgreSQL refuses."""
    # Apart from the rest: others that enter the same chats wait for the end of this transaction.
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [[*chats]])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            locked = _locked(lock, chats)
            cursor.execute(CATCH_UP, {"chats": locked, "limit": limit})
    except DatabaseError as error:
        if not _is_left_out(error):
            raise
        if len(chats) > 1:
            for chat in chats:
                _index([chat], limit, lock)
        elif limit > 1:
            # Bisect until the refused text is alone.
            _index(chats, limit // 2, lock)
            _index(chats, limit - limit // 2, lock)
        else:
            _index_or_leave_out(chats[0], lock)


def _index_or_leave_out(chat: UUID, lock: str) -> None:
    """Index the next change of a chat, or skip it. Both under one lock: otherwise another indexer
    could skip it in between, and this one would skip the change after it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not _locked(lock, [chat]):
            return
        try:
            with transaction.atomic():
                cursor.execute(CATCH_UP, {"chats": [chat], "limit": 1})
        except DatabaseError as error:
            if not _is_left_out(error):
                raise
            cursor.execute(LEAVE_OUT, [chat])
            seqs = [seq for (seq,) in cursor.fetchall()]
            logger.error("Message %s of chat %s cannot be indexed: %s", seqs, chat, error)


def _locked(lock: str, chats: Sequence[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(lock, [[*chats]])
        return [chat for (chat,) in cursor.fetchall()]


def _is_left_out(error: DatabaseError) -> bool:
    """Whether PostgreSQL refused a text or took too long."""
    return _code(error)[:2] in REFUSED_CLASSES or _code(error) == QUERY_CANCELED


def _code(error: DatabaseError) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
