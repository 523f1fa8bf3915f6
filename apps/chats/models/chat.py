"""Chats, direct or group, with their two counters."""

from django.db import models

from apps.core.identifiers import new_id


class Chat(models.Model):
    """`last_seq` counts timeline entries, `rev` durable changes. Both are incremented under this
    row's lock, in the transaction of the change, so their order is the order of commits.

    `head_rev` is the revision of the last change of the chat itself (its title, its picture, and
    whether it is closed). `closed_reason`: why moderators closed a group, which members read;
    empty while it is open.
    `kept_from` is the first entry that retention has kept: those before it are gone. `kept_days` is
    the number of days after which they were deleted; 0: by hand. `keep_days` is what the chat's
    owners, or the two people, have set: 0 keeps everything; it counts from `keep_days_from` on.
    `low` and `high` are the two people of a direct chat, smaller id first.
    """

    class Kind(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=120, blank=True)
    # A File; groups only.
    picture = models.UUIDField(null=True)
    last_seq = models.BigIntegerField(default=0)
    rev = models.BigIntegerField(default=0)
    head_rev = models.BigIntegerField(default=0, db_default=0)
    closed_reason = models.TextField(blank=True, default="", db_default="")
    kept_from = models.BigIntegerField(default=1, db_default=1)
    kept_days = models.PositiveIntegerField(default=0, db_default=0)
    keep_days = models.PositiveIntegerField(default=0, db_default=0)
    keep_days_from = models.DateTimeField(null=True)
    active_at = models.DateTimeField()
    created_at = models.DateTimeField()
    low = models.UUIDField(null=True)
    high = models.UUIDField(null=True)

    class Meta:
        constraints = [
            # Two people who open their direct chat at the same time get one chat.
            models.UniqueConstraint("low", "high", name="one_direct_chat_a_pair"),
            models.CheckConstraint(
                condition=models.Q(kind="direct", low__isnull=False, low__lt=models.F("high"))
                | models.Q(kind="group", low__isnull=True, high__isnull=True),
                name="direct_has_its_pair",
            ),
        ]
        indexes = [
            # chats.queries.pictures: whose picture a file is.
            models.Index("picture", name="chat_picture", condition=models.Q(picture__isnull=False)),
            # moderation.admin.chats: closed groups, newest first.
            models.Index("id", name="chat_closed", condition=~models.Q(closed_reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
