"""Sessions: what each browser and app of a person is signed in with."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now

# The key of an app's session. A browser's has no colon, and a cookie with one is refused
# (`is_browser_key`): so the key of an app's session signs no browser in.
APP_PREFIX = "app:"


def app_session_key(device_id: UUID) -> str:
    """The key of the session of an app with this id."""
    return f"{APP_PREFIX}{device_id.hex}"


def is_browser_key(key: str) -> bool:
    """Whether Django may have given this key to a browser: letters and digits. A cookie can spell
    others, such as that of an app's session, or one that PostgreSQL refuses."""
    return key.isascii() and key.isalnum()


class Session(AbstractBaseSession):
    """Django's session row, with the person and what they are shown of the device.

    `user` is empty until somebody signs in. `origin`: an id of the app that signed the person in,
    by which it finds the session to end it (`sso`: the session at Keycloak). Empty for a sign-in
    with a password.

    `refresh_*` are of an app: the ids of its current refresh token and of the one before, when the
    current one was made, and whether anything made with it has come back (accounts.actions.
    app_tokens). Refreshing extends the session no further than `renewable_until`; empty: without
    an end.

    `token_digest` and `scopes` are of a bot (accounts.actions.bot_tokens): the SHA-256 of its
    token, and what the token covers (accounts.scopes).

    `device_id` is the public id; the key is a secret of the browser. `name` is empty until the
    person chooses one. `agent` (the User-Agent header) and `address` are those of the last use.
    """

    # The columns that Django's session engine writes. A request must not overwrite the others
    # with what they were when it began.
    STORED = ("session_data", "expire_date", "user", "origin")

    # The index: accounts.actions.sessions ends all sessions of one person.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    # The index: accounts.actions.sessions ends the sessions of some origins.
    origin = models.UUIDField(null=True, db_index=True)
    # The defaults of the database are for processes of the release before these columns.
    device_id = models.UUIDField(db_default=RandomUUID(), unique=True)
    name = models.CharField(max_length=80, blank=True, db_default="")
    agent = models.CharField(max_length=300, blank=True, db_default="")
    address = models.CharField(max_length=64, blank=True, db_default="")
    began_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(db_default=Now())
    refresh_id = models.UUIDField(null=True)
    former_refresh_id = models.UUIDField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    refresh_confirmed = models.BooleanField(default=False, db_default=False)
    renewable_until = models.DateTimeField(null=True)
    token_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    scopes = ArrayField(models.CharField(max_length=20), null=True)

    class Meta:
        verbose_name = "session"

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expire_date}"

    @property
    def is_app(self) -> bool:
        """Whether an app is signed in with tokens, not a browser with a cookie."""
        return self.session_key.startswith(APP_PREFIX)

    def save(self, *args: Any, **given: Any) -> None:
        """Write `STORED` for a row that Django's session engine updates."""
        if given.get("force_update") and given.get("update_fields") is None:
            given["update_fields"] = self.STORED
        super().save(*args, **given)
