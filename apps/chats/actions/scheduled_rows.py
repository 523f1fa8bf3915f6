"""Changes of rows of messages that wait: their files, their end, and the event of each change."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from apps.accounts.actions import streams
from apps.chats.actions import attachments
from apps.chats.models import Scheduled
from apps.chats.queries.scheduled import publication
from apps.core.errors import FileGone
from apps.files.actions import uses
from apps.wire.publish import publish


def locked_files(user_id: UUID, files: Collection[UUID]) -> attachments.Files:
    """The files of a message of the person's, as for a send that happens now. Locked against other
    changes of their uses, too."""
    [found] = attachments.resolve([(user_id, list(files))])
    uses.lock(files)
    return found


def checked(found: attachments.Files) -> list[object] | None:
    """What a row stores of its files. Raises FileGone if one of them cannot be attached."""
    if found is attachments.NOT_FOUND:
        raise FileGone
    return [msgspec.to_builtins(file) for file in found.bodies] or None


def change_files(row: Scheduled, files: Sequence[UUID]) -> None:
    """Give a locked row other files. Raises FileGone."""
    former = row.file_ids
    uses.lock({*former, *files})
    row.files = checked(locked_files(row.user_id, files))
    uses.add(files)
    uses.remove(former)


def empty(row: Scheduled, state: Scheduled.State, *, ttl: timedelta = timedelta()) -> None:
    """End a row: what it contained is in the message, or is not to be sent. `ttl`: how long files
    are kept that nothing else uses."""
    uses.remove(row.file_ids, ttl=ttl)
    row.state, row.text, row.files, row.layout = state, "", None, None


def write(row: Scheduled) -> None:
    """Store an unclaimed row under the next revision of its person's stream, and publish it."""
    row.claimed_at = None
    row.person_rev = streams.advance([row.user_id])[row.user_id]
    row.save()
    publish([publication(row)])
