"""A sign-in takes back the deletion of the account."""

from typing import Any

from django.http import HttpRequest

from apps.accounts.actions import deletions
from apps.accounts.models import User

# The session's own key: the person is to be told so.
KEPT = "account_kept"


def on_sign_in(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Receiver: somebody signed in just now."""
    if deletions.take_back(user.pk):
        request.session[KEPT] = True
