"""The session engine: Django's database sessions in our table."""

from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession

from apps.accounts.actions import sessions
from apps.accounts.models import Session


def _owned(row: AbstractBaseSession, data: dict[str, Any]) -> Session:
    session = cast(Session, row)
    session.user_id = data.get("_auth_user_id")
    return session


class SessionStore(DatabaseStore):
    """Fills in whose the session is; whatever deletes a session also ends its connections."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to be saved, with its person once somebody has signed in."""
        return _owned(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        """As `create_model_instance`."""
        return _owned(await super().acreate_model_instance(data), data)

    def delete(self, session_key: str | None = None) -> None:
        """Sign-out, and the change of key at sign-in, arrive here."""
        key = session_key or self.session_key
        if key:
            sessions.end(key)
