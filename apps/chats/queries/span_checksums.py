"""Whether parts of timelines that clients hold are what is stored."""

from uuid import UUID

from django.db import connection
from msgspec import Struct

# One range of the primary key a span. A span of which anything changed after the client's revision
# is passed over: the client is sent that change, and what it held before cannot be known here.
# `octet_length` does not read a long text, and `left` only its beginning.
COMPARED_CHARACTERS = 500
DIFFERING = f"""
SELECT k.id
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
    AS k (id, first, last, rev, hash)
CROSS JOIN LATERAL (
    SELECT coalesce(max(m.rev), 0) AS rev,
        coalesce(string_agg(m.seq || ':' || m.rev || ':' || m.id || ':' || octet_length(m.text)
            || ':' || left(m.text, {COMPARED_CHARACTERS}) || E'\\n', '' ORDER BY m.seq), '')
            AS lines
    FROM chats_message m WHERE m.chat_id = k.id AND m.seq BETWEEN k.first AND k.last
) s
WHERE s.rev <= k.rev AND left(encode(sha256(convert_to(s.lines, 'UTF8')), 'hex'), 16) <> k.hash
"""  # noqa: S608  constants only


class SpanChecksum(Struct, frozen=True):
    """What a client that has applied everything up to `rev` says it holds of a chat.

    `hash`: the first 16 hexadecimal digits of the SHA-256 of a line for each entry, see
    docs/protocol.md, "Self-check".
    """

    chat: UUID
    first: int
    last: int
    rev: int
    hash: str


def differing_chats(claims: list[SpanChecksum]) -> set[UUID]:
    """The chats whose span is not as claimed, in one query.

    The caller has shown that its person is a member: see `queries.access` and `chat_list.heads`.
    """
    if not claims:
        return set()
    columns = zip(*((c.chat, c.first, c.last, c.rev, c.hash) for c in claims), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(DIFFERING, [list(column) for column in columns])
        return {row[0] for row in cursor.fetchall()}
