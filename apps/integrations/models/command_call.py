"""Runs of commands that other servers answer."""

from django.db import models
from django.db.models import Q

from apps.core.claims import Claimable
from apps.core.identifiers import new_id
from apps.integrations.models.external_command import ExternalCommand


class CommandCall(Claimable):
    """A run of an external command, which a worker posts once.

    `posted_at` is written before the request: a call that has it is never posted again, because the
    other server may have carried it out. The first answer and those by `response_url` are answers
    to this row; `secret` is the SHA-256 of the secret in that address, `uses` counts them. `note`
    and `seq` are the last answer, which a later one can replace.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    command = models.ForeignKey(ExternalCommand, models.CASCADE, related_name="+")
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    client_id = models.UUIDField()
    text = models.TextField(blank=True)
    reply_to = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    done = models.BooleanField(default=False)
    secret = models.CharField(max_length=64, blank=True)
    uses = models.PositiveSmallIntegerField(default=0)
    note_id = models.UUIDField(null=True)
    seq = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            # integrations.actions.calls: a repeated run finds the first call.
            models.UniqueConstraint("user_id", "client_id", name="command_call_once"),
        ]
        indexes = [
            # integrations.actions.calls: what is to be posted.
            models.Index("id", name="command_call_open", condition=Q(done=False)),
            # integrations.actions.calls: calls whose day is over.
            models.Index("made_at", name="command_call_made"),
        ]

    def __str__(self) -> str:
        return f"call {self.id}"
