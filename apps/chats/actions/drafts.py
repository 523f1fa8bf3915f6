"""Drafts: unsent texts of a person, synchronized across their devices."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BigIntegerField, Func, Sum
from django.utils import timezone

from apps.accounts.actions import streams
from apps.chats.models import Draft
from apps.chats.queries.access import get_membership
from apps.chats.queries.drafts import publication
from apps.core.errors import NotPossible, TooLong
from apps.core.limits import DRAFTS, limited
from apps.wire.limits import MAX_DRAFT_LENGTH
from apps.wire.publish import publish

# Of all drafts of one person, because every snapshot contains them.
MAX_DRAFT_BYTES = 1_000_000

# Stands between words of two devices.
BETWEEN_DRAFTS = "\n\n"

# Whether a draft equals a sent message, apart from surrounding space. Takes two table aliases.
SAME_TEXT = (
    "btrim({0}.text, E' \\t\\r\\n') = btrim({1}.text, E' \\t\\r\\n')"
    " AND {0}.reply_to IS NOT DISTINCT FROM {1}.reply_to"
)

# Run it with the streams locked. Drafts are only written under their person's stream lock, so the
# drafts read here cannot change, and every revision assigned is stored in a row. A person may have
# sent in several chats.
CLEAR_SENT = f"""
WITH gone AS (
    SELECT DISTINCT d.user_id, d.chat_id
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[])
        AS i (user_id, chat_id, text, reply_to)
    JOIN chats_draft d
        ON d.user_id = i.user_id AND d.chat_id = i.chat_id AND {SAME_TEXT.format("d", "i")}
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY chat_id) AS k FROM gone
), head AS (
    UPDATE accounts_stream s SET rev = s.rev + n.k
    FROM (SELECT user_id, max(k) AS k FROM numbered GROUP BY user_id) n
    WHERE s.user_id = n.user_id RETURNING s.user_id, s.rev - n.k AS before
)
UPDATE chats_draft d
SET text = '', reply_to = NULL, at = clock_timestamp(), person_rev = h.before + n.k
FROM numbered n JOIN head h USING (user_id)
WHERE d.user_id = n.user_id AND d.chat_id = n.chat_id
RETURNING d.user_id, d.chat_id, d.person_rev
"""  # noqa: S608  constants only


class OctetLength(Func):
    """The size of a text in bytes, without reading a long text."""

    function = "octet_length"
    output_field = BigIntegerField()


SentText = tuple[UUID, UUID, str, int | None]


@limited(DRAFTS)
def save_draft(
    user_id: UUID, chat_id: UUID, *, text: str, reply_to: int | None, expected: str | None = None
) -> None:
    """Save a draft; an empty text clears it.

    `expected`: the text that the device knows the draft to have. If it is another one, words were
    written on another device meanwhile: then an empty text clears nothing, and others are stored
    below those words, so that none are lost.

    Raises NotFound, TooLong, and NotPossible when the words of two devices together are too long,
    or all drafts of the person would exceed `MAX_DRAFT_BYTES`; shortening a draft is always
    allowed.
    """
    if len(text) > MAX_DRAFT_LENGTH:
        raise TooLong
    get_membership(user_id, chat_id)
    text = text.replace("\x00", "")
    with transaction.atomic():
        # The lock under which drafts are written: another device may save at the same time.
        streams.lock({user_id})
        draft = Draft.objects.filter(pk=(user_id, chat_id)).first()
        expected = expected and expected.replace("\x00", "")
        if expected is not None and draft and draft.text not in (expected, ""):
            if not text:
                return
            text = _merged(draft.text, text, expected)
        if (draft.text if draft else "", draft.reply_to if draft else None) == (text, reply_to):
            return
        if len(text) > len(draft.text if draft else ""):
            _check_room(user_id, chat_id, text)
        row, _ = Draft.objects.update_or_create(
            user_id=user_id,
            chat_id=chat_id,
            defaults={
                "text": text,
                "reply_to": reply_to,
                "at": timezone.now(),
                "person_rev": streams.advance([user_id])[user_id],
            },
        )
        publish([publication(row)])


def _merged(theirs: str, mine: str, expected: str) -> str:
    """The words of two devices. Raises NotPossible if they are too long together."""
    if theirs.strip() in mine:
        return mine
    if mine.strip() in theirs:
        return theirs
    # They were put together before, and this device has not heard of it yet.
    known = theirs.removesuffix(f"{BETWEEN_DRAFTS}{expected}") if expected else theirs
    merged = f"{known}{BETWEEN_DRAFTS}{mine}"
    if len(merged) > MAX_DRAFT_LENGTH:
        raise NotPossible("Another device has a draft here. This one has no room, and stays here.")
    return merged


def _check_room(user_id: UUID, chat_id: UUID, text: str) -> None:
    others = Draft.objects.filter(user_id=user_id).exclude(chat_id=chat_id)
    held = others.aggregate(total=Sum(OctetLength("text")))["total"] or 0
    if held + len(text.encode()) > MAX_DRAFT_BYTES:
        raise NotPossible("Your drafts are full. This one stays here; send or delete others first.")


def clear_sent(sent: Iterable[SentText]) -> None:
    """Clear the drafts of sent messages, given as (sender, chat, text, reply_to).

    Call it in the sending transaction, after everything else is locked. Runs no query without
    messages.
    """
    if not (words := list(sent)):
        return
    streams.lock({sender for sender, _, _, _ in words})
    with connection.cursor() as cursor:
        cursor.execute(CLEAR_SENT, [list(column) for column in zip(*words, strict=True)])
        emptied = [
            Draft(user_id=user_id, chat_id=chat_id, text="", reply_to=None, person_rev=rev)
            for user_id, chat_id, rev in cursor.fetchall()
        ]
    publish(publication(draft) for draft in sorted(emptied, key=lambda one: one.person_rev))
