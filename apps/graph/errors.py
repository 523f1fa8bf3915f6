"""What can go wrong with Microsoft Graph."""

from apps.sso.errors import ProviderUnavailable


class GraphUnavailable(ProviderUnavailable):
    """Graph, or Microsoft's sign-in, gave no usable response."""


class SignInRefused(Exception):
    """Microsoft does not sign this server in: a wrong secret, or a permission that is missing."""


class GraphRefused(Exception):
    """Graph refuses a request. `status` is that of HTTP, `code` Graph's own."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}"[:300])
        self.status = status
        self.code = code


class Throttled(Exception):
    """Graph must not be asked again for `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"throttled for {seconds} s")
        self.seconds = seconds


class InvalidNotification(Exception):
    """A notification that Graph did not send, or that was changed."""
