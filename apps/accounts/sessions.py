"""The session engine: Django's database sessions in our table."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils.crypto import constant_time_compare

from apps.accounts.actions import sessions
from apps.accounts.models import Session, User
from apps.accounts.models.session import is_browser_key
from apps.accounts.queries import open_sessions
from apps.core.reads import result_of

# The session's own key for `Session.origin`; a new session key keeps it.
ORIGIN = "origin"


def is_valid(person: User | None, data: Mapping[str, Any]) -> bool:
    """Whether a session with this data signs the person in, and needs no change. About one that is
    not plainly valid Django's `get_user` decides: it also ends sessions that were signed with a
    former secret or password."""
    return (
        person is not None
        and data.get(SESSION_KEY) == str(person.pk)
        and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    )


def _with_owner(row: AbstractBaseSession, data: dict[str, Any]) -> Session:
    session = cast(Session, row)
    session.user_id = data.get("_auth_user_id")
    origin = data.get(ORIGIN)
    session.origin = UUID(origin) if origin else None
    return session


class SessionStore(DatabaseStore):
    """Stores the owner of each session, and closes the connections of a deleted one."""

    _cycling = False
    # The person of the session as it was loaded.
    _person: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our model, in place of Django's."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        """The stored session. That of a person with an open account comes with the person."""
        key = self.session_key or ""
        found = result_of(open_sessions.reading([key])).get(key)
        if isinstance(found, Session):
            self._person = found.user
            return found
        stored: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # untyped
        return stored

    def signed_in(self) -> User | None:
        """The person, if Django's `get_user` would return them as they are."""
        data = dict(self.items())
        return self._person if is_valid(self._person, data) else None

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
