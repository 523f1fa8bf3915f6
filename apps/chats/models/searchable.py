"""What is looked through when PostgreSQL searches."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Searchable(models.Model):
    """The words of a message. Made from messages by `chats.gateways.search.indexer`, after they
    were sent: sending does not wait for it. Can be emptied and made again at any time."""

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    sender_id = models.UUIDField()
    created_at = models.DateTimeField()
    search = SearchVectorField()

    class Meta:
        indexes = [
            # chats.gateways.search.postgres: which messages hold these words. New entries wait in
            # a list that every search reads through, so it is kept short.
            GinIndex(fields=["search"], name="message_search", gin_pending_list_limit=1024),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"


class Indexed(models.Model):
    """Up to which revision of a chat its messages are searchable."""

    chat_id = models.UUIDField(primary_key=True)
    rev = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.chat_id} up to {self.rev}"
