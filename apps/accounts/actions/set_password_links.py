"""Sends people a link with which they choose a new password themselves."""

import logging
from io import BytesIO
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.forms import ResetPasswordForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core.context import request_context
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from apps.accounts import mails
from apps.accounts.models import User
from apps.accounts.staff_record import record_deed
from apps.core.default_ports import DEFAULT_PORTS
from apps.core.errors import NotPossible

logger = logging.getLogger(__name__)


@transaction.atomic
def send(request: HttpRequest | None, user: User, *, by: UUID | None = None) -> None:
    """Send the link to the person's confirmed address, as the page for a forgotten password does.

    `request`: that of the page; None: a command. `by`: the administrator who asked. Raises
    NotPossible for a closed account, one without a confirmed address, and one without a password
    here, and when the mail cannot be sent.
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
    request = request or _own_request()
    # The address of the link is made from the request of the context.
    with request_context(request), mails.needed():
        form.save(request)
    logger.info("A link to set a password was sent to %s for %s", user.id, by or "an operator")
    record_deed("send_password_link", by=by, person=user.pk)


def link_for(user: User) -> str:
    """The link of such a mail."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    # allauth puts the whole key in one place of the path, too.
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return settings.PUBLIC_URL + path.replace("UID-KEY", key)


def _own_request() -> HttpRequest:
    """A request at the public address, which the link in the mail begins with."""
    public = urlsplit(settings.PUBLIC_URL)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "HTTP_HOST": public.netloc,
            "SERVER_NAME": public.hostname or "",
            "SERVER_PORT": str(public.port or DEFAULT_PORTS[public.scheme]),
            "wsgi.url_scheme": public.scheme,
            "wsgi.input": BytesIO(),
        }
    )
