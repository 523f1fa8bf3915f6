"""The index of PostgreSQL's full-text search."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Searchable(models.Model):
    """The words of a message.

    `chats.gateways.search.indexer` derives them after the message was sent; sending does not wait
    for it. The table can be emptied and rebuilt at any time.
    """

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    sender_id = models.UUIDField()
    created_at = models.DateTimeField()
    search = SearchVectorField()
    # A digest of the text and files that `search` was derived from. Null: derive it again.
    source = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            # chats.gateways.search.postgres: messages with certain words. New entries go to a
            # pending list that every search scans, so the list is kept short.
            GinIndex(fields=["search"], name="message_search", gin_pending_list_limit=1024),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"


class Indexed(models.Model):
    """The revision up to which a chat's messages are indexed."""

    chat_id = models.UUIDField(primary_key=True)
    rev = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.chat_id} up to {self.rev}"
