"""The session engine: Django's database sessions in our table."""

from typing import Any, cast
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession

from apps.accounts.actions import sessions
from apps.accounts.models import Session

# The session's own key for `Session.origin`; a new session key keeps it.
ORIGIN = "origin"


def _with_owner(row: AbstractBaseSession, data: dict[str, Any]) -> Session:
    session = cast(Session, row)
    session.user_id = data.get("_auth_user_id")
    origin = data.get(ORIGIN)
    session.origin = UUID(origin) if origin else None
    return session


class SessionStore(DatabaseStore):
    """Stores the owner of each session, and closes the connections of a deleted one."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our model, in place of Django's."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to save, with the person if somebody is signed in."""
        return _with_owner(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        """As `create_model_instance`."""
        return _with_owner(await super().acreate_model_instance(data), data)

    def delete(self, session_key: str | None = None) -> None:
        """Called by sign-out, and by sign-in, which changes the key."""
        key = session_key or self.session_key
        if key:
            sessions.end(key)
