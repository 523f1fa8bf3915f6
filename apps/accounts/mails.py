"""Mails to people about what others did to their account."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext, override

from apps.accounts.models import User
from apps.core.errors import NotPossible

logger = logging.getLogger(__name__)
_unsent: ContextVar[list[str] | None] = ContextVar("unsent", default=None)


@contextmanager
def needed() -> Iterator[None]:
    """Mails of this block without which the change makes no sense. Raises NotPossible at its end if
    the mail host did not take one."""
    unsent: list[str] = []
    token = _unsent.set(unsent)
    try:
        yield
    finally:
        _unsent.reset(token)
    if unsent:
        raise NotPossible(gettext("The mail host did not take the e-mail. Try again later."))


def note_unsent(template: str) -> None:
    """Log, inside the handler of its error, that a mail could not be sent."""
    logger.exception("a mail could not be sent (%s)", template)
    if (found := _unsent.get()) is not None:
        found.append(template)


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
        note_unsent(template)
