"""The link between an account and a person in Microsoft Entra ID."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.core.claims import Claimable
from apps.graph.models.subscription import Subscription


class Link(Claimable):
    """Somebody who shares their Teams presence here; without a row, nobody is asked about.

    `email` is the proven address of the account at that time, by which `object_id` is looked up.
    `problem` says why there is none. `availability` and `activity` are Graph's own words, true at
    `known_at`. `due_at`: when Graph is asked next. `subscription` tells of changes in between.
    """

    class Problem(models.TextChoices):
        NOT_FOUND = "not_found"
        AMBIGUOUS = "ambiguous"
        GUEST = "guest"
        TAKEN = "taken"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    email = models.EmailField()
    object_id = models.UUIDField(null=True, unique=True)
    problem = models.CharField(max_length=16, blank=True, default="", choices=Problem.choices)
    # The index: the people of a subscription.
    subscription = models.ForeignKey(Subscription, models.SET_NULL, null=True, related_name="+")
    availability = models.CharField(max_length=40, blank=True, default="")
    activity = models.CharField(max_length=40, blank=True, default="")
    known_at = models.DateTimeField(null=True)
    # The index: graph.actions.polling takes those that are due for the longest time.
    due_at = models.DateTimeField(db_default=Now(), db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user_id} at Microsoft"
