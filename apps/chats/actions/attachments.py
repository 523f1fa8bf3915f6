"""Files of messages: checked before a send, counted as uses in its transaction."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from apps.chats.models import Attachment
from apps.chats.queries.attachments import SHOWN_TO
from apps.files.actions import uses
from apps.wire import bodies

# The files that each sender may attach: their own, and those of messages that they can see
# (forwarding). Locked against deletion until the commit; a count of uses does not wait for that.
FIND = f"""
SELECT k.sender, f.id, f.body::text
FROM unnest(%s::uuid[], %s::uuid[]) AS k (sender, id)
JOIN files_file f ON f.id = k.id
WHERE f.state = 'ready' AND (f.uses > 0 OR f.expires_at > now()) AND (
    f.owner_id = k.sender OR {SHOWN_TO.format(file="f.id", person="k.sender")})
ORDER BY f.id FOR KEY SHARE OF f SKIP LOCKED
"""  # noqa: S608  constants only


class Files(NamedTuple):
    """The files of a send. `as_json` is what the message stores: NULL without files, empty when one
    of them cannot be attached."""

    bodies: list[bodies.File]
    as_json: str | None


NO_FILES = Files([], None)
NOT_FOUND = Files([], "")


def resolve(sends: Sequence[tuple[UUID, Sequence[UUID]]]) -> list[Files]:
    """The files of each (sender, file ids). One query for all; none without files."""
    wanted = sorted({(sender, file) for sender, files in sends for file in files})
    if not wanted:
        return [NO_FILES] * len(sends)
    with connection.cursor() as cursor:
        cursor.execute(FIND, [[sender for sender, _ in wanted], [file for _, file in wanted]])
        found = {(sender, file): body for sender, file, body in cursor.fetchall()}
    return [_files([found.get((sender, file)) for file in files]) for sender, files in sends]


def unique(files: Iterable[UUID]) -> tuple[UUID, ...]:
    """The files of a message without repetitions, in order."""
    return tuple(dict.fromkeys(files))


def _files(found: list[str | None]) -> Files:
    known = [body for body in found if body is not None]
    if not found:
        return NO_FILES
    if len(known) < len(found):
        return NOT_FOUND
    as_json = f"[{','.join(known)}]"
    return Files(msgspec.json.decode(as_json, type=list[bodies.File]), as_json)


def attach(added: Iterable[tuple[UUID, int, Sequence[bodies.File]]]) -> None:
    """Record the files of messages that were just added, given as (chat, seq, files)."""
    if rows := show(added):
        uses.add(row.file_id for row in rows)


def show(messages: Iterable[tuple[UUID, int, Sequence[bodies.File]]]) -> list[Attachment]:
    """As `attach`, for files that count as used already."""
    rows = [
        Attachment(chat_id=chat, seq=seq, place=place, file_id=file.id, kind=file.kind)
        for chat, seq, files in messages
        for place, file in enumerate(files)
    ]
    # Most sends have no files, and even an empty `bulk_create` opens a transaction of its own.
    return Attachment.objects.bulk_create(rows) if rows else []


def detach(chat_id: UUID, seq: int) -> None:
    """Remove the files of a message. Those that nothing else uses are deleted soon after."""
    uses.remove(hide(chat_id, seq))


def hide(chat_id: UUID, seq: int) -> list[UUID]:
    """Let nobody see a message's files through it. They still count as used. Returns them."""
    rows = Attachment.objects.filter(chat_id=chat_id, seq=seq)
    files = list(rows.values_list("file_id", flat=True))
    rows.delete()
    return files
