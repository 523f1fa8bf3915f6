"""Sessions at the identity provider that signed people in here."""

from django.db import models
from django.utils import timezone

from apps.core.claims import Claimable
from apps.core.identifiers import new_id
from apps.sso.models.identity import Identity


class ProviderSession(Claimable):
    """One sign-in with the provider. The session that it began here has this `id` as its `origin`.

    `sid` names the session at the provider; logout tokens carry it. The tokens are encrypted
    (`sso.sealing`); those of an app are empty, because the app keeps them. The claim is that of the
    poll, which checks sessions with a refresh token from time to time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The index: a logout token without `sid` ends all sessions of an identity.
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="+")
    # The index: a logout token names the session.
    sid = models.CharField(max_length=255, blank=True, db_index=True)
    id_token = models.BinaryField()
    refresh_token = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    # The index: sso.actions.poll takes the sessions that are due for the longest time.
    next_check_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Failed checks in a row, while other sessions could be checked.
    failures = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.sid} of {self.identity_id}"
