"""What is stored at the storage, for administrators: numbers, and no name of a file."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.accounts.models import User
from apps.files.models import StorageCount, StorageUse

MAX_PEOPLE = 50


class KindUse(Struct, frozen=True):
    """What all contents of a kind take: that of `FileContent`, `incomplete` for parts of uploads,
    or `export`."""

    kind: str
    number: int
    bytes: int


class PersonUse(Struct, frozen=True):
    """What the contents of one person take. `username`: empty for a deleted account."""

    id: UUID
    username: str
    number: int
    bytes: int


class Storage(Struct, frozen=True):
    """The last complete count; `counted_at` null: there was none yet. Kinds and people: the largest
    first, and MAX_PEOPLE of them."""

    counted_at: datetime | None
    number: int
    bytes: int
    kinds: list[KindUse]
    people: list[PersonUse]


def storage_use() -> Storage:
    """What is stored, by kind, and by whom most."""
    counted_at, kinds = total_use()
    return Storage(
        counted_at=counted_at,
        number=sum(each.number for each in kinds),
        bytes=sum(each.bytes for each in kinds),
        kinds=kinds,
        people=_largest(),
    )


def total_use() -> tuple[datetime | None, list[KindUse]]:
    """When it was counted, and what each kind takes."""
    count = StorageCount.objects.first()
    if count is None:
        return None, []
    kinds = [KindUse(kind, number, size) for kind, (number, size) in count.totals.items()]
    return count.counted_at, sorted(kinds, key=lambda each: -each.bytes)


def _largest() -> list[PersonUse]:
    rows = list(StorageUse.objects.order_by("-bytes", "owner_id")[:MAX_PEOPLE])
    people = User.objects.filter(id__in=[row.owner_id for row in rows])
    names = dict(people.filter(erased_at=None).values_list("id", "username"))
    return [
        PersonUse(row.owner_id, names.get(row.owner_id, ""), row.contents, row.bytes)
        for row in rows
    ]
