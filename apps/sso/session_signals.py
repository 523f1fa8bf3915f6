"""What changes in single sign-on when a person signs in, in whatever way."""

from typing import Any

from django.http import HttpRequest


def end_short_lifetime(*, request: HttpRequest, **_: Any) -> None:
    """Give the session its normal lifetime: a sign-in at the provider that was begun and left made
    it short. The receiver of `user_logged_in`."""
    request.session.set_expiry(None)
