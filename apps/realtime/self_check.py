"""The comparison at every resume: does a client hold what is stored? Where it does not, a change
was lost or mistaken on the way, which nothing else would ever show."""

import logging
from collections.abc import Mapping
from uuid import UUID

from prometheus_client import Counter

from apps.chats.queries.spans import Claim, differing
from apps.wire.commands import Resume
from apps.wire.events import Mismatch

logger = logging.getLogger(__name__)

COMPARED = Counter("parley_sync_spans_compared", "Held spans that clients had compared.")
MISMATCHED = Counter("parley_sync_spans_mismatched", "Held spans that were not what is stored.")


def mismatches(command: Resume, heads: Mapping[UUID, int]) -> list[Mismatch]:
    """The held spans that differ, of the chats in `heads`, which are the person's.

    Call it in the `snapshot` in which the rest of the resume is read.
    """
    claims = [
        Claim(chat, held.first, held.last, command.chats[chat], held.hash)
        for chat, held in command.held.items()
        if chat in heads and chat in command.chats
    ]
    wrong = differing(claims)
    COMPARED.inc(len(claims))
    MISMATCHED.inc(len(wrong))
    found = [Mismatch(chat=c.chat, first=c.first, last=c.last) for c in claims if c.chat in wrong]
    if found:
        # One line a resume, whatever a client claims.
        first, others = found[0], len(found) - 1
        logger.warning(
            "a client's copy of %s differs in %d-%d, and of %d other chats",
            first.chat,
            first.first,
            first.last,
            others,
        )
    return found
