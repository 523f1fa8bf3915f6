"""Timeline entries, former texts of edited messages, and reactions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Message(models.Model):
    """A timeline entry: a text message or a system entry. Every key begins with the chat's id, so
    that the table can be distributed by chat.

    `chat_id` and `sender_id` are plain columns, not foreign keys. The locked chat row and the
    member row read in the same transaction already prove both, and a foreign key would lock the
    sender's account row for each message.

    `about` is the person that a system entry concerns (who was added or removed). `thread` is the
    seq of the first message of a reply's thread; that message counts its `replies` that are not
    deleted. `reacted` avoids a query of the reactions for the many messages without any.
    """

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    rev = models.BigIntegerField()
    id = models.UUIDField()
    kind = models.CharField(max_length=16, default="text")
    sender_id = models.UUIDField()
    client_id = models.UUIDField()
    text = models.TextField()
    created_at = models.DateTimeField()
    about = models.UUIDField(null=True)
    reply_to = models.BigIntegerField(null=True)
    thread = models.BigIntegerField(null=True)
    replies = models.IntegerField(default=0, db_default=0)
    last_reply_at = models.DateTimeField(null=True)
    mentions = ArrayField(models.UUIDField(), null=True)
    mentions_all = models.BooleanField(default=False, db_default=False)
    # Those whose keywords the text contains. Never sent to clients: keywords are private.
    keyword_of = ArrayField(models.UUIDField(), null=True)
    edited_at = models.DateTimeField(null=True)
    # Also of a hidden message, whose content is elsewhere (HiddenContent): so every reader takes it
    # for a deleted one.
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    deleted_by_moderator = models.BooleanField(default=False, db_default=False)
    pinned_at = models.DateTimeField(null=True)
    reacted = models.BooleanField(default=False, db_default=False)
    # Both in wire format. Copied here so that reading the timeline needs no other table.
    previews = models.JSONField(null=True)
    files = models.JSONField(null=True)
    # Of a program's message: how it is drawn, in wire format.
    layout = models.JSONField(null=True)
    # The chat's revisions of the last change of the content (an edit, a deletion) and of the
    # reactions since it was sent. Never sent to clients: they say what changed to programs.
    content_rev = models.BigIntegerField(null=True)
    reactions_rev = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            # chats.actions.messages: a retry finds the first message, on any server, at any time.
            models.UniqueConstraint("chat_id", "sender_id", "client_id", name="idempotent_send"),
        ]
        indexes = [
            # chats.queries.changes: what changed since a revision.
            models.Index("chat_id", "rev", name="message_changes"),
            # chats.queries.changed_messages: what was changed of older entries.
            models.Index(
                "chat_id",
                "content_rev",
                name="message_content_changes",
                condition=models.Q(content_rev__isnull=False),
            ),
            models.Index(
                "chat_id",
                "reactions_rev",
                name="message_reaction_changes",
                condition=models.Q(reactions_rev__isnull=False),
            ),
            # chats.queries.history: the first entry on or after a moment.
            models.Index("chat_id", "created_at", name="message_moments"),
            # chats.queries.history: the replies of one thread.
            models.Index(
                "chat_id",
                "thread",
                "seq",
                name="message_threads",
                condition=models.Q(thread__isnull=False),
            ),
            # chats.queries.history: what is pinned in a chat.
            models.Index(
                "chat_id",
                "pinned_at",
                name="message_pins",
                condition=models.Q(pinned_at__isnull=False),
            ),
            # chats.queries.unread: entries that do not count as unread.
            models.Index(
                "chat_id",
                "seq",
                name="message_uncounted",
                condition=~models.Q(kind__in=["text", "accepted"])
                | models.Q(deleted_at__isnull=False),
            ),
            # chats.queries.unread: messages that mention somebody.
            models.Index(
                "chat_id",
                "seq",
                name="message_mentions",
                condition=models.Q(deleted_at__isnull=True)
                & (models.Q(mentions__isnull=False) | models.Q(mentions_all=True)),
            ),
            # chats.queries.unread: messages that contain somebody's keyword.
            models.Index(
                "chat_id",
                "seq",
                name="message_keywords",
                condition=models.Q(deleted_at__isnull=True) & models.Q(keyword_of__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"


class MessageEdit(models.Model):
    """The text of a message before an edit. `version` starts at 1, the first text."""

    pk = models.CompositePrimaryKey("chat_id", "seq", "version")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    version = models.PositiveIntegerField()
    text = models.TextField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq} v{self.version}"


class Reaction(models.Model):
    """One person's emoji on one message; `at` gives the order of reactions."""

    pk = models.CompositePrimaryKey("chat_id", "seq", "user_id", "emoji")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    user_id = models.UUIDField()
    emoji = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.emoji} {self.chat_id}/{self.seq}"
