"""Receipts of deletions: what was removed, from where, and when."""

from django.db import models
from django.db.models import Q

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class DeletionReceipt(Claimable):
    """One deletion, from its begin on: a worker goes on with it until `finished_at`.

    `before`: entries of the chat before this seq are deleted, because they are older than `days`,
    or (0) because an operator said so, for `reason`. `removed` counts what is gone, by place.
    `digest` is a hash over all deleted entries (`chats.actions.expiry`), `hash` one over this
    receipt (`queries.receipts`). `due_at`: when a worker looks at it again. `stopped_by_hold`: it
    ended before its time, because a hold was put on the chat.
    """

    class Kind(models.TextChoices):
        RETENTION = "retention"
        ACCOUNT = "account"
        OPERATOR = "operator"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    # Plain ids: a receipt outlives what it is about.
    chat_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    by = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    days = models.PositiveIntegerField(default=0)
    before = models.BigIntegerField(null=True)
    removed = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)
    stopped_by_hold = models.BooleanField(default=False)
    begun_at = models.DateTimeField()
    due_at = models.DateTimeField()
    rows_deleted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        constraints = [
            # retention.actions.deleting: two workers that begin at once begin one deletion.
            models.UniqueConstraint(
                "chat_id", name="one_deletion_a_chat", condition=Q(rows_deleted_at=None)
            ),
        ]
        indexes = [
            # retention.actions.deleting: what is to be gone on with.
            models.Index("due_at", name="receipt_due", condition=Q(finished_at=None)),
            # retention.queries.receipts: those of a chat, newest first.
            models.Index("chat_id", "begun_at", name="receipt_chat"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class PendingObject(models.Model):
    """An object at the storage whose message was deleted. It is gone, or kept because something
    else uses its file, before the receipt is finished."""

    receipt = models.ForeignKey(DeletionReceipt, models.CASCADE, related_name="pending")
    file_id = models.UUIDField()
    key = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.key
