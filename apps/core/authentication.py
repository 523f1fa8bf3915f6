"""Who asks over the API: the person whose web session it is."""

from typing import cast
from uuid import UUID

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class ApiSessionAuthentication(SessionAuthentication):
    """DRF's own, but an absent session answers 401, so that a client can tell it from 403."""

    def authenticate_header(self, request: Request) -> str:
        """The scheme of `WWW-Authenticate`; no browser opens a dialog for it."""
        return "Session"


def person_id(request: Request) -> UUID:
    """Who asks. Views that use it are for signed-in people only (the default permission)."""
    return cast(UUID, request.user.pk)
