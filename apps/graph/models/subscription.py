"""What Graph was asked to tell this server of, in the name of one Microsoft account."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class Subscription(Claimable):
    """An account that an operator connected, and the one subscription that Graph allows it.

    `graph_id` is Graph's id; empty while there is none. `state_hash` is the SHA-256 of the secret
    `clientState`, and `key` the private key of `certificate`, sealed; both are stored before Graph
    is asked, because it may notify before it responds. `members` is a digest of the people that
    the subscription has. `due_at`: when a worker looks at it next. `problem`: what Graph said last,
    when it refused.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.CharField(max_length=255, unique=True)
    refresh_token = models.BinaryField()
    # The index: notifications name it.
    graph_id = models.CharField(max_length=64, blank=True, default="", db_index=True)
    state_hash = models.CharField(max_length=64, blank=True, default="")
    key = models.BinaryField(default=b"")
    key_made_at = models.DateTimeField(null=True)
    members = models.CharField(max_length=64, blank=True, default="")
    expires_at = models.DateTimeField(null=True)
    renew_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(db_default=Now())
    problem = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.account
