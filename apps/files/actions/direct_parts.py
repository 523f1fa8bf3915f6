"""Parts of uploads that clients send to the object storage themselves, where browsers reach it.

    begin_part > (the client posts the form) > finish_part

A form fixes the key, the size and the type of one object, which is registered as any other part
is. What the client stores counts once the server has found it there; what a worker then makes of
the upload depends on the bytes that it reads, whatever the client said of them, and is stored
elsewhere.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import close_old_connections, transaction
from django.utils import timezone

from apps.core.errors import Conflict, NotPossible
from apps.core.identifiers import new_id
from apps.core.limits import CHUNKS, limited
from apps.files.actions.uploads import WRITING_TTL, check_part, finish_chunk, lock_for_part
from apps.files.gateways import objects
from apps.files.models import File, StoredObject
from apps.files.queries.uploads import get_own

# Clients give a part up after a minute. Some servers look at the form when all bytes have arrived.
FORM_TTL_S = 90
# Others look when the first bytes arrive: the rest may take its time.
SLOWEST_PART = timedelta(minutes=15)
# The object of a part that is begun again is used again, unless it is about to be deleted.
REUSED_FOR = timedelta(minutes=30)


class DirectPart(NamedTuple):
    """A part that the client may store now."""

    form: objects.UploadForm
    ttl_s: int


@limited(CHUNKS)
def begin_part(user_id: UUID, file_id: UUID, *, start: int, size: int) -> DirectPart:
    """A form for the next `size` bytes, which begin at `start`. A part that is begun again replaces
    the one that was begun and not finished.

    Raises NotFound, Invalid and Conflict as `uploads.add_chunk` does, and NotPossible if this
    server takes parts only itself.
    """
    row = get_own(user_id, file_id)
    if not objects.take_direct_uploads():
        raise NotPossible("Send the bytes to this server.")
    check_part(row, start, size)
    with transaction.atomic():
        held = lock_for_part(row.id, start)
        held.direct_key = _registered(held, size)
        held.save(update_fields=["direct_key"])
    return DirectPart(objects.upload_form(held.direct_key, size=size, ttl_s=FORM_TTL_S), FORM_TTL_S)


@limited(CHUNKS)
def finish_part(user_id: UUID, file_id: UUID, *, start: int) -> File:
    """Add the part that the client has stored. Returns the upload as it is then.

    Raises NotFound, and Conflict when another part is the next one, or the storage does not have
    this one in its size.
    """
    row = get_own(user_id, file_id)
    part = StoredObject.objects.filter(key=row.direct_key).first()
    if part is None or row.received != start:
        raise Conflict(f"The next part begins at {row.received}.")
    # The storage may take seconds: hold no connection to the database.
    close_old_connections()
    if not objects.has_size(part.key, part.size):
        raise Conflict("The storage does not have this part.")
    return finish_chunk(row.id, start, part.key, part.size)


def _registered(held: File, size: int) -> str:
    """The key of an object that is registered for the part."""
    now = timezone.now()
    values = {
        "size": size,
        "doomed_at": now + WRITING_TTL,
        "writable_until": now + timedelta(seconds=FORM_TTL_S) + SLOWEST_PART,
    }
    lasting = StoredObject.objects.filter(
        key=held.direct_key, doomed_at__gt=now + WRITING_TTL - REUSED_FOR
    )
    if not lasting.update(**values):
        return StoredObject.objects.create(key=f"incoming/{held.id}/{new_id()}", **values).key
    return held.direct_key
