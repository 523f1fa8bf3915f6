"""Who asks over the API: the person whose web session it is."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class BySession(SessionAuthentication):
    """DRF's own, but an absent session answers 401, so that a client can tell it from 403."""

    def authenticate_header(self, request: Request) -> str:
        """The scheme of `WWW-Authenticate`; no browser opens a dialog for it."""
        return "Session"
