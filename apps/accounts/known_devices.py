"""Remembers, in a signed cookie, which accounts a device has signed in to, even after signing out.

The cookie signs nobody in. It only gives the device a counter of failed sign-ins of its own, apart
from strangers who guess. It stores hashes of logins, so that a shared computer does not reveal who
uses it.
"""

from secrets import token_urlsafe

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from apps.accounts.models import User
from apps.accounts.queries.second_factor import has_second_factor

COOKIE = "parley-device"
SALT = "apps.accounts.known_devices"
LIFETIME_S = 365 * 86_400
MAX_ACCOUNTS = 5


def second_step_of(user: User) -> str:
    """What a device is remembered by that has signed in with the second step."""
    return f"second-step:{user.pk}"


def known_device_id(request: HttpRequest, login: str) -> str:
    """The id of the device if it has signed in with this username or e-mail before, else ""."""
    device, accounts = _read(request)
    return device if _hash(login) in accounts else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Add this account to the device's cookie, which keeps the last MAX_ACCOUNTS."""
    device, accounts = _read(request)
    logins = [login for login in (user.username, user.email) if login]
    if has_second_factor(user.pk):
        logins.append(second_step_of(user))
    now = [_hash(login) for login in logins]
    kept = [*now, *(one for one in accounts if one not in now)][: MAX_ACCOUNTS * 3]
    response.set_cookie(
        COOKIE,
        signing.dumps([device or token_urlsafe(12), kept], salt=SALT),
        max_age=LIFETIME_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        device, accounts = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME_S
        )
    except signing.BadSignature:
        return "", []
    return device, accounts


def _hash(login: str) -> str:
    return salted_hmac(SALT, login.strip().lower(), algorithm="sha256").hexdigest()[:20]
