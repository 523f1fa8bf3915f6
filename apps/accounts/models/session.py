"""Web sessions with their owner."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """Django's session row with a column for the person, so that all sessions of one person can be
    found and ended. `user` is empty until somebody signs in.

    `origin`: an id of the app that signed the person in, by which it finds the session to end it
    (`sso`: the session at Keycloak). Empty for a sign-in with a password.
    """

    # The index: accounts.actions.sessions ends all sessions of one person.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    # The index: accounts.actions.sessions ends the sessions of some origins.
    origin = models.UUIDField(null=True, db_index=True)

    class Meta:
        verbose_name = "session"

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expire_date}"
