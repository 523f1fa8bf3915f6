"""A person's place in a chat."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """What a member may do: the table is in `chats.roles`."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Member(models.Model):
    """Read and delivered positions, and the person's own marks on the chat.

    `rev` is the chat's revision of the last change of membership, `person_rev` the revision in
    the person's stream of the last change of marks or read position. `left_rev` is set when the
    membership has ended: the person is told everything up to it, and nothing after.
    """

    pk = models.CompositePrimaryKey("chat_id", "user_id")
    # The primary key begins with the chat.
    chat = models.ForeignKey("chats.Chat", models.CASCADE, related_name="members", db_index=False)
    # No index on the user alone: `member_changes` below begins with it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    role = models.CharField(
        max_length=8, choices=Role.choices, default=Role.MEMBER, db_default="member"
    )
    joined_at = models.DateTimeField(null=True)
    read_seq = models.BigIntegerField(default=0)
    delivered_seq = models.BigIntegerField(default=0)
    rev = models.BigIntegerField(default=0)
    left_rev = models.BigIntegerField(null=True)
    # The membership was ended by somebody else: no link brings the person back.
    removed = models.BooleanField(default=False, db_default=False)
    person_rev = models.BigIntegerField()
    pinned = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    muted = models.BooleanField(default=False)
    muted_until = models.DateTimeField(null=True)
    # What of the chat the person is notified of; empty: as everywhere (`notifications.rules`).
    notify = models.CharField(max_length=8, blank=True, default="", db_default="")
    marked_unread = models.BooleanField(default=False)

    class Meta:
        indexes = [
            # chats.queries.changes: marks and read positions since a revision of the person's
            # stream; also finds all chats of a person.
            models.Index("user", "person_rev", name="member_changes"),
            # chats.queries.changes: members of a chat that changed since a revision.
            models.Index("chat", "rev", name="membership_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.chat_id}"
