"""The list of a chat's links."""

from django.db import models


class MessageLink(models.Model):
    """One link in the text of a message; `place` is its position among the message's links.

    `chats.actions.link_index` derives them after the message was sent; sending does not wait for
    it. The table can be emptied and rebuilt at any time. Its key is the order of the list.
    """

    pk = models.CompositePrimaryKey("chat_id", "seq", "place")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    url = models.TextField()

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq} {self.place}"


class LinksIndexed(models.Model):
    """The revision up to which the links of a chat's messages are listed."""

    chat_id = models.UUIDField(primary_key=True)
    rev = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.chat_id} up to {self.rev}"
