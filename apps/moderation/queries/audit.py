"""Reads the audit log: checks its chain, and lists it."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from apps.moderation import audit_chain
from apps.moderation.models import AuditRecord

CHUNK_SIZE = 2_000
MAX_FAULTS = 100
COLUMNS = (*audit_chain.HASHED, "hash")


class Verdict(Struct, frozen=True):
    """What a check found. `faults`: one text each, up to MAX_FAULTS. `last`: the number and hash of
    the last record; keep the hash outside of the database to notice later that the end was cut."""

    records: int
    faults: list[str]
    number: int
    hash: str

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def rows() -> Iterator[dict[str, Any]]:
    """All records in order, read in parts. Needs a transaction while it is read."""
    found = AuditRecord.objects.order_by("number").values(*COLUMNS)
    yield from found.iterator(chunk_size=CHUNK_SIZE)


def lines() -> Iterator[dict[str, Any]]:
    """All records as JSON has them, for an export."""
    for row in rows():
        yield audit_chain.plain(row) | {"hash": row["hash"]}


def verify(*, expected: str = "") -> Verdict:
    """Compute every hash again. Finds changed, missing, added and moved records.

    A chain whose last records were deleted is a shorter chain without a fault, and so is one that
    somebody computed again from some record on. Both are found only with `expected`: a hash that an
    earlier check printed, or an export has.
    """
    number, previous, count = 0, audit_chain.BEGINNING, 0
    faults: list[str] = []
    is_expected = not expected
    for row in rows():
        count += 1
        faults += _faults(row, after=number, previous=previous)
        number, previous = row["number"], row["hash"]
        is_expected = is_expected or previous == expected
    if not is_expected:
        faults.append(
            f"No record has the hash {expected}: the end was cut, or the chain was written again."
        )
    return Verdict(count, faults[:MAX_FAULTS], number, previous)


def _faults(row: dict[str, Any], *, after: int, previous: str) -> Iterator[str]:
    number = row["number"]
    if number != after + 1:
        yield f"Record {number} follows {after}: records are missing, or numbers were changed."
    if row["previous"] != previous:
        yield f"Record {number} does not continue the record before it."
    if audit_chain.hash_of(row) != row["hash"]:
        yield f"Record {number} was changed: its hash does not fit."
