"""Creates accounts."""

from collections.abc import Callable
from functools import partial

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext, override

from apps.accounts.actions import profile
from apps.accounts.former_usernames import refuse_former
from apps.accounts.models import User
from apps.core.errors import Invalid


def register(
    username: str,
    *,
    password: str,
    name: str = "",
    email: str = "",
    locale: str = settings.LANGUAGE_CODE,
    confirmed: bool = False,
    administrator: bool = False,
) -> User:
    """Create an account.

    An `email` that is not `confirmed` stays pending until its owner follows the link sent to it:
    nobody can claim another person's address, or find out by trying that it is in use.
    Raises Invalid with a pointer to the field.
    """
    fields = profile.clean({"username": username, "name": name, "locale": locale})
    user = User(**fields, is_staff=administrator, is_superuser=administrator)
    email = email.strip().lower()
    if email:
        _check("email", partial(validate_email, email))
    _check("password", partial(validate_password, password, user))
    user.set_password(password)
    user.email = email if email and confirmed else None
    with transaction.atomic():
        _insert(user)
        if email:
            EmailAddress.objects.create(
                user=user, email=email, verified=confirmed, primary=confirmed
            )
    return user


def confirm_email(request: HttpRequest, user: User) -> None:
    """Send the link that confirms the pending address of a new account, if it has one, in the
    language of the account."""
    address = EmailAddress.objects.filter(user=user, verified=False).first()
    if address is not None:
        with override(user.locale):
            send_verification_email_to_address(request, address, signup=True)


def _check(field: str, check: Callable[[], object]) -> None:
    try:
        check()
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise Invalid(reason, pointer=f"#/{field}", reason=reason) from error


def _insert(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            refuse_former(user.username)
    except IntegrityError as error:
        field, reason = "username", gettext("This username is taken.")
        if "email" in str(error).split("DETAIL")[0]:
            field, reason = "email", gettext("This e-mail address is taken.")
        raise Invalid(reason, pointer=f"#/{field}", reason=reason) from error
