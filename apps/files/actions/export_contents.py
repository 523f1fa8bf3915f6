"""The contents of a person's files, for an export of their data."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from apps.accounts.export_handlers import Content
from apps.files.gateways import objects
from apps.files.models import File

# The best of what is stored.
VARIANTS = ("original", "full", "saver", "thumbnail")


def contents(user_id: UUID) -> Iterator[Content]:
    """The person's files: of a picture, its best variant."""
    ready = File.objects.filter(owner_id=user_id, state=File.State.READY).order_by("id")
    for file in ready.select_related("blob").iterator(chunk_size=1_000):
        if file.blob is None:
            continue
        sizes = {each["name"]: each["size"] for each in file.blob.content["variants"]}
        best = next(each for each in (*VARIANTS, *sizes) if each in sizes)
        path = f"files/{file.id}/{file.name}"
        yield path, sizes[best], partial(objects.open_object, file.blob.key(best))
