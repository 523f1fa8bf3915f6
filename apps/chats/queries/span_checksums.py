"""Compares the parts of timelines that clients hold with what is stored, by checksum."""

from collections.abc import Collection
from uuid import UUID

from msgspec import Struct

from apps.core.reads import Read, bigints

# One range of the primary key per span. Skips spans with changes after the client's revision: the
# client gets these changes anyway, and its former content is unknown here. `octet_length` does not
# read a long text, and `left` reads only its beginning.
COMPARED_CHARACTERS = 500
DIFFERING = f"""
SELECT k.place
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY
    AS k (id, first, last, rev, hash, place)
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
    """The checksum of a span of entries held by a client that has applied all changes up to `rev`.

    `hash` is the first 16 hexadecimal digits of a SHA-256 over one line per entry, see
    docs/protocol.md, "Self-check".
    """

    chat: UUID
    first: int
    last: int
    rev: int
    hash: str


def differing_reading(spans: Collection[SpanChecksum]) -> Read[set[SpanChecksum]]:
    """The read of the spans that differ from their checksum.

    The caller checks membership: see `queries.access` and `chat_list.heads_reading`.
    """
    asked = list(spans)
    columns = [
        [span.chat for span in asked],
        bigints(span.first for span in asked),
        bigints(span.last for span in asked),
        bigints(span.rev for span in asked),
        [span.hash for span in asked],
    ]
    return Read(DIFFERING, columns, lambda rows: {asked[place - 1] for (place,) in rows})
