"""Holds, and what people deleted while one was in force."""

from django.db import models
from django.db.models import Q

from apps.core.identifiers import new_id


class Hold(models.Model):
    """Nothing of a chat, or of all chats that a person is or was in, is deleted for good until
    `ended_at`. Exactly one of `chat_id` and `person_id` is set.

    A hold is never changed, only ended: another reason is another hold. So the rows and the audit
    log are its history. `by` and `ended_by`: empty for an operator with `manage.py`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Plain ids: a hold outlives what it is about.
    chat_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    reason = models.TextField()
    by = models.UUIDField(null=True)
    since = models.DateTimeField()
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        permissions = [("hold", "Can put chats and people on hold")]
        constraints = [
            models.CheckConstraint(
                condition=Q(chat_id__isnull=False) ^ Q(person_id__isnull=False),
                name="hold_of_a_chat_or_a_person",
            ),
            models.UniqueConstraint(
                "chat_id", name="one_hold_a_chat", condition=Q(ended_at=None, chat_id__isnull=False)
            ),
            models.UniqueConstraint(
                "person_id",
                name="one_hold_a_person",
                condition=Q(ended_at=None, person_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.chat_id or self.person_id}"


class HeldContent(models.Model):
    """What a message said that was deleted while a hold covered its chat. Nobody reads it in the
    product; it is deleted when no hold covers the chat any more.

    `former` are the former texts (`version`, `text`, `until`); `files` still count as used. `rows`:
    who reacted and voted, by name (`chats.linked_rows`).
    """

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    sender_id = models.UUIDField()
    text = models.TextField()
    former = models.JSONField()
    files = models.JSONField(null=True)
    layout = models.JSONField(null=True)
    rows = models.JSONField(null=True)
    deleted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"
