"""Tells the browser that its person has signed out, and that the session did not only end.

It then deletes what waits for them there, and the cookie (static/notifications/signed-out.js).
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "parley_signed_out"
LIFETIME_S = 24 * 3600


def on_sign_out(request: HttpRequest | None, **_: Any) -> None:
    """Receives `user_logged_out`."""
    if request is not None:
        request.META[COOKIE] = True


class SignOutMiddleware:
    """Sets the cookie with the response to a sign-out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A sign-in ends the session before it.
        if COOKIE in request.META and not request.user.is_authenticated:
            response.set_cookie(
                COOKIE,
                "1",
                max_age=LIFETIME_S,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response
