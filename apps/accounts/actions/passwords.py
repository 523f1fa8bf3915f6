"""Lets a signed-in person change their password."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from apps.accounts.actions import accounts, streams
from apps.accounts.models import Session, User
from apps.core.errors import Invalid, NotPossible, SignedOut
from apps.core.limits import PASSWORD_CHANGES, check


def change_own(request: HttpRequest, user: User, password: str) -> None:
    """As `change`, for an account that has a password. Raises NotPossible, too."""
    if not user.has_usable_password():
        check(PASSWORD_CHANGES, user.id)
        raise NotPossible("This account has no password here.")
    change(request, user, password)


def change(request: HttpRequest, user: User, password: str) -> None:
    """Change the password, or set the first one. All other devices are signed out, and the owner
    gets a mail. The browser that asks gets a new session key; an app keeps its own.

    The caller has made sure that it is the owner who asks. Raises Invalid, RateLimited, and
    SignedOut when this device was signed out at the same time, for example by another change.
    """
    check(PASSWORD_CHANGES, user.id)
    try:
        validate_password(password, user)
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise Invalid(reason, pointer="#/password", reason=reason) from error
    what = "password_changed" if user.has_usable_password() else "password_set"
    with transaction.atomic():
        streams.lock([user.id])
        key = request.session.session_key or ""
        if not Session.objects.filter(session_key=key, user_id=user.id).exists():
            raise SignedOut
        accounts.set_password(user, password, keep=key)
        update_session_auth_hash(request, user)
        request.session.save()
    adapter = get_adapter(request)
    adapter.add_message(request, messages.SUCCESS, f"account/messages/{what}.txt")
    adapter.send_notification_mail(f"account/email/{what}", user)
