"""The receipt of an account's deletion."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.retention.models import DeletionReceipt
from apps.retention.queries.receipts import hash_of


def issue(person: UUID, by: UUID | None, begun_at: datetime, removed: Mapping[str, int]) -> None:
    """Issue the receipt, in the transaction that ends the deletion."""
    now = timezone.now()
    row = DeletionReceipt(
        kind=DeletionReceipt.Kind.ACCOUNT,
        person_id=person,
        by=by,
        removed=dict(removed),
        begun_at=begun_at,
        due_at=now,
        rows_deleted_at=now,
        finished_at=now,
    )
    row.hash = hash_of(row)
    row.save(force_insert=True)
