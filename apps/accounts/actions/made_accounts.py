"""Makes accounts for other people, who choose their password by a link in a mail."""

import secrets

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from apps.accounts import mails
from apps.accounts.actions import set_password_links
from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.accounts.staff_record import record_deed
from apps.core.errors import Invalid, NotPossible

PASSWORD_BYTES = 32
DAY_S = 24 * 3600


@transaction.atomic
def make(by: User | None, *, username: str, email: str, name: str) -> User:
    """Make an account with a password that nobody knows, and send the link to its address, which
    counts as confirmed: the link proves it. `by`: the administrator, whom the mail names; None:
    an operator.

    Raises Invalid with a pointer to the field, and NotPossible where people have no accounts of
    this server, and when the mail cannot be sent.
    """
    if not settings.LOCAL_ACCOUNTS:
        raise NotPossible(gettext_noop("People sign in at the identity provider here."))
    if not email.strip():
        reason = gettext_noop("Enter a valid e-mail address.")
        raise Invalid(reason, pointer="#/email", reason=reason)
    user = register(
        username,
        password=secrets.token_urlsafe(PASSWORD_BYTES),
        name=name,
        email=email,
        confirmed=True,
        claims=True,
    )
    days = settings.PASSWORD_RESET_TIMEOUT // DAY_S
    maker = "" if by is None else by.name or by.username
    context = {"maker": maker, "link": set_password_links.link_for(user), "days": days}
    with mails.needed():
        mails.send(user, "accounts/email/account_made", context)
    record_deed("create_account", by=None if by is None else by.pk, person=user.pk)
    return user
