"""Sends people a link with which they choose a new password themselves."""

import logging

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest
from django.utils.translation import gettext

from apps.accounts.models import User
from apps.core.errors import NotPossible

logger = logging.getLogger(__name__)


def send(request: HttpRequest, user: User, *, by: str) -> None:
    """Send the link to the person's confirmed address, as the page for a forgotten password does.

    `by` names in the log who asked. Raises NotPossible for a closed account, one without a
    confirmed address, and one without a password here.
    """
    if not user.is_active or not user.email or not user.has_usable_password():
        raise NotPossible(
            gettext("{username} has no confirmed e-mail address, or no password here.").format(
                username=user.username
            )
        )
    form = ResetPasswordForm({"email": user.email})
    if not form.is_valid():
        raise NotPossible(gettext("No link can be sent to this address."))
    form.save(request)
    logger.info("A link to set a password was sent to %s for %s", user.id, by)
