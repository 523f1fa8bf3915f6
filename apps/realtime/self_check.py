"""Compares, at every resume, what a client holds with what is stored. A difference means that a
change was lost or misapplied on the way; nothing else would ever show it."""

import logging
from collections.abc import Container, Mapping
from uuid import UUID

from apps.chats.queries.span_checksums import SpanChecksum
from apps.core.metrics import SPANS_COMPARED, SPANS_MISMATCHED
from apps.wire.commands import Resume
from apps.wire.events import Mismatch

logger = logging.getLogger(__name__)


def claims_of(command: Resume, heads: Mapping[UUID, int]) -> list[SpanChecksum]:
    """The spans that a client says it holds. `heads` are the person's chats; spans of other chats
    are skipped."""
    return [
        SpanChecksum(chat, held.first, held.last, command.chats[chat], held.hash)
        for chat, held in command.held.items()
        if chat in heads and chat in command.chats
    ]


def mismatches(claims: list[SpanChecksum], differing: Container[SpanChecksum]) -> list[Mismatch]:
    """Those of a client's spans that differ from what is stored in the snapshot of its resume."""
    wrong = [claim for claim in claims if claim in differing]
    SPANS_COMPARED.inc(len(claims))
    SPANS_MISMATCHED.inc(len(wrong))
    found = [Mismatch(chat=c.chat, first=c.first, last=c.last) for c in wrong]
    if found:
        # One line per resume, however much a client claims.
        first, others = found[0], len(found) - 1
        logger.warning(
            "a client's copy of %s differs in %d-%d, and of %d other chats",
            first.chat,
            first.first,
            first.last,
            others,
        )
    return found
