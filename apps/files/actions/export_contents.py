"""The contents of a person's files, for an export of their data."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from apps.accounts.export_handlers import Content
from apps.files.gateways import objects
from apps.files.models import File
from apps.files.queries.downloads import name_for_type

# The best of what is stored.
VARIANTS = ("original", "full", "saver", "thumbnail")


def contents(user_id: UUID) -> Iterator[Content]:
    """The person's files: of a picture, its best variant."""
    ready = File.objects.filter(owner_id=user_id, state=File.State.READY).order_by("id")
    for file in ready.select_related("blob").iterator(chunk_size=1_000):
        if file.blob is None:
            continue
        variants = {each["name"]: each for each in file.blob.content["variants"]}
        best = next(variants[each] for each in (*VARIANTS, *variants) if each in variants)
        path = f"files/{file.id}/{name_for_type(file.name, best['type'])}"
        yield path, best["size"], partial(objects.open_object, file.blob.key(best["name"]))
