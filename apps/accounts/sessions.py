"""The session engine: Django's database sessions in our table."""

from typing import Any, cast
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession

from apps.accounts.actions import sessions
from apps.accounts.models import Session
from apps.accounts.models.session import is_browser_key

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

    _cycling = False

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our model, in place of Django's."""
        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        """Refuse what is no key of a browser. That of an app's session is not a secret."""
        valid: bool = super()._validate_session_key(key)  # type: ignore[misc]  # of Django, untyped
        return valid and is_browser_key(str(key))

    def cycle_key(self) -> None:
        """Give the session a new key. It stays the same device, unless nobody was signed in."""
        device = Session.objects.filter(session_key=self.session_key).exclude(user=None).first()
        self._cycling = True
        try:
            super().cycle_key()
        finally:
            self._cycling = False
        if device is not None:
            Session.objects.filter(session_key=self.session_key).update(
                device_id=device.device_id,
                name=device.name,
                agent=device.agent,
                address=device.address,
                began_at=device.began_at,
            )

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to save, with the person if somebody is signed in."""
        return _with_owner(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> Session:
        """As `create_model_instance`."""
        return _with_owner(await super().acreate_model_instance(data), data)

    def delete(self, session_key: str | None = None) -> None:
        """Called by sign-out, and by sign-in, which changes the key."""
        key = session_key or self.session_key
        if key and self._cycling:
            sessions.replace(key, new_key=self.session_key or "")
        elif key:
            sessions.end(key)
