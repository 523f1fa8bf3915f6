"""What the server remembers of an app between its requests, as a browser's session remembers it.

It is in the row of the app's session. So the same code serves both: the time of the last proof, the
challenge of a passkey, the secret of an authenticator app that is not confirmed yet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from rest_framework.request import Request

from apps.accounts.models import Session
from apps.core.authentication import AppSession


class AppData(SessionBase):
    """The data of one app. It never becomes a cookie: the key is no secret."""

    def __init__(self, session_key: str) -> None:
        super().__init__()
        self._session_key = session_key

    def load(self) -> dict[str, Any]:
        """The stored data; empty for an app that has none."""
        rows = Session.objects.filter(session_key=self._session_key)
        return self.decode(rows.values_list("session_data", flat=True).first() or "")

    def save(self, must_create: bool = False) -> None:
        """Store the data, if the app is still signed in."""
        rows = Session.objects.filter(session_key=self._session_key)
        rows.update(session_data=self.encode(dict(self.items())))

    def cycle_key(self) -> None:
        """Do nothing: the key of an app names its device and stays."""


def stored(**data: Any) -> str:
    """The column of a new app with this data."""
    return AppData("").encode(data)


@contextmanager
def client_data(request: Request) -> Iterator[HttpRequest]:
    """The plain request of a signed-in browser or app, with its person, and in `session` what the
    server remembers of it. Changes are stored at the end."""
    plain = request._request
    if not isinstance(request.auth, AppSession):
        yield plain
        return
    cookie = plain.session
    data = AppData(request.auth.session_key)
    plain.session = data
    try:
        yield plain
        if data.modified:
            data.save()
    finally:
        # The middleware of sessions stores what it finds there, and sends its key as a cookie.
        plain.session = cookie
