"""Stores the contents of files: objects first, each registered before it is written, then the row
that names them."""

import logging

from django.db import transaction
from django.utils import timezone

from apps.files.actions.doomed import keep
from apps.files.actions.uploads import WRITING_TTL
from apps.files.actions.uses import wake_deletion
from apps.files.file_contents import Part
from apps.files.gateways import objects
from apps.files.models import Blob, StoredObject

logger = logging.getLogger(__name__)


class ObjectsDeleted(Exception):
    """This process stood still for so long that what it stored was deleted."""


def is_whole(blob: Blob) -> bool:
    """Whether all objects of the blob are at the storage, in their size."""
    for variant in blob.content["variants"]:
        key = blob.key(variant["name"])
        if not objects.has_size(key, variant["size"]):
            logger.error("object %s is missing or has another size", key)
            return False
    return True


def store(blob: Blob, parts: list[Part]) -> None:
    """Write the objects, each registered before it is written."""
    doomed_at = timezone.now() + WRITING_TTL
    StoredObject.objects.bulk_create(
        StoredObject(key=blob.key(part.variant.name), size=part.variant.size, doomed_at=doomed_at)
        for part in parts
    )
    for part in parts:
        with part.path.open("rb") as file:
            objects.put(blob.key(part.variant.name), file)


def kept(blob: Blob) -> Blob | None:
    """The locked row of this content: this one, or the one that was there first. None: it was
    deleted."""
    if blob._state.adding:
        Blob.objects.bulk_create([blob], ignore_conflicts=True)
    rows = Blob.objects.filter(owner_id=blob.owner_id, sha256=blob.sha256, as_file=blob.as_file)
    held = rows.select_for_update().first()
    if held is not None and held.id == blob.id:
        keys = [blob.key(variant["name"]) for variant in blob.content["variants"]]
        if not keep(keys):
            # Undoes the insert, too: a blob never names objects that are gone.
            raise ObjectsDeleted
    return held


def doom_unless_used(blob: Blob, keys: list[str]) -> None:
    """Doom the objects of a blob that was not stored. It may have been: an error may mean
    that only the response to the COMMIT was lost."""
    with transaction.atomic():
        # Waits for such a COMMIT, whose transaction has these rows locked.
        held = StoredObject.objects.select_for_update().filter(key__in=keys).order_by("key")
        found = [each.key for each in held]
        if not Blob.objects.filter(id=blob.id).exists():
            StoredObject.objects.filter(key__in=found).update(doomed_at=timezone.now())
    wake_deletion()
