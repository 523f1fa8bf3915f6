"""What moderators have hidden."""

from django.db import models


class HiddenContent(models.Model):
    """The content of a hidden message, moved out of the message, so that nothing that reads
    messages can show it. Restoring moves it back.

    `files` still count as used. `former` are the former texts (`version`, `text`, `until`).
    """

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    text = models.TextField()
    former = models.JSONField()
    mentions = models.JSONField(null=True)
    mentions_all = models.BooleanField()
    previews = models.JSONField(null=True)
    files = models.JSONField(null=True)
    layout = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"
