"""The files of messages."""

from django.db import models

from apps.files.models import File


class Attachment(models.Model):
    """One file of a message; `place` is its position in it. It counts as a use of the file.

    Messages carry a copy of what clients need (`Message.files`). This table says who may see a file
    and which files a chat has.
    """

    pk = models.CompositePrimaryKey("chat_id", "seq", "place")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    file = models.ForeignKey(File, models.PROTECT, db_index=False)
    kind = models.CharField(max_length=8)

    class Meta:
        indexes = [
            # chats.queries.attachments.SHOWN_TO: the chats that show a file.
            models.Index("file", "chat_id", name="attachment_chats"),
            # chats.queries.attachments.of_chat: the files of some kinds, newest first.
            models.Index("chat_id", "kind", "seq", name="attachment_kinds"),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq} {self.kind}"
