"""Commands that other servers answer."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.chats.models import Chat
from apps.core.identifiers import new_id


class ExternalCommand(models.Model):
    """A command of one group or, without `chat`, of all groups of this server.

    `secret` signs what is sent to `url`; it is sealed (`core.sealing`). `bot` writes the answers
    that everybody sees.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=32)
    url = models.CharField(max_length=2000)
    hint = models.CharField(max_length=80, blank=True)
    description = models.CharField(max_length=120, blank=True)
    secret = models.BinaryField()
    bot = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            # integrations.queries.external_commands: the command of a name, and those of a group.
            models.UniqueConstraint(F("chat"), F("name"), name="command_of_chat"),
            # … and those of all groups.
            models.UniqueConstraint(F("name"), name="command_of_all", condition=Q(chat=None)),
        ]

    def __str__(self) -> str:
        return f"/{self.name}"
