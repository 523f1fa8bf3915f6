"""Membership of a person in a chat."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """`chats.roles` lists the rights of each role."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Member(models.Model):
    """A member's role, read and delivered positions, and own settings of the chat.

    `rev` is the chat's revision of the last change of the membership, `person_rev` the revision of
    the person's stream of the last change of settings or read position. `left_rev` is set when the
    membership has ended: the person gets all changes up to this revision, and none after it.
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
    # The last receipt that moved `read_seq`: it read the messages after `read_from` up to `read_to`
    # at `read_at`. For older ones this is not stored. Null if the person did not share it then.
    read_from = models.BigIntegerField(null=True)
    read_to = models.BigIntegerField(null=True)
    read_at = models.DateTimeField(null=True)
    rev = models.BigIntegerField(default=0)
    left_rev = models.BigIntegerField(null=True)
    # Someone else ended the membership, so the person cannot return by a link.
    removed = models.BooleanField(default=False, db_default=False)
    person_rev = models.BigIntegerField()
    pinned = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    muted = models.BooleanField(default=False)
    muted_until = models.DateTimeField(null=True)
    # Notification level of this chat; empty: the person's general level (`notifications.rules`).
    notify = models.CharField(max_length=8, blank=True, default="", db_default="")
    marked_unread = models.BooleanField(default=False)
    # The first entry that the person marked unread. Means nothing unless `marked_unread` is set.
    unread_from = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            # chats.queries.changes: settings and read positions since a revision of the person's
            # stream; also finds all chats of a person.
            models.Index("user", "person_rev", name="member_changes"),
            # chats.queries.changes: members of a chat that changed since a revision.
            models.Index("chat", "rev", name="membership_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.chat_id}"
