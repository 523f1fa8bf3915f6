"""Mails to people about what others did to their account."""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import override

from apps.accounts.models import User

logger = logging.getLogger(__name__)


def send(user: User, template: str, context: dict[str, Any]) -> None:
    """Send `{template}_subject.txt` and `{template}_message.txt` to the confirmed address, if there
    is one, in the person's language. A mail host that is down must not fail the change."""
    if user.email:
        send_to(user.email, user.locale, template, {"user": user, **context})


def send_to(email: str, locale: str, template: str, context: dict[str, Any]) -> None:
    """As `send`, to an address that may have no account."""
    with override(locale):
        context = {"site": settings.PUBLIC_URL, **context}
        subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
        body = render_to_string(f"{template}_message.txt", context)
    try:
        send_mail(subject, body, None, [email])
    except (OSError, SMTPException):
        logger.exception("a mail could not be sent (%s)", template)
