"""Changes a person's e-mail address, which takes effect when they follow the link sent to it."""

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from apps.accounts.actions import profile
from apps.accounts.models import User
from apps.core.errors import Invalid
from apps.core.limits import EMAIL_CHANGES, check


def change(request: HttpRequest, user: User, email: str) -> None:
    """Send a link to the new address; the old one stays until the link is followed.

    Does not reveal whether another account uses the address. An empty address removes the e-mail
    at once. Raises Invalid and RateLimited.
    """
    email = email.strip().lower()
    if email == (user.email or ""):
        return
    if not email:
        _remove(user)
        return
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(error.messages[0], pointer="#/email", reason=error.messages[0]) from error
    check(EMAIL_CHANGES, user.id)
    try:
        EmailAddress.objects.add_new_email(request, user, email)
    except IntegrityError:
        # The same change, sent twice at once: the other one sends the link.
        return


@transaction.atomic
def _remove(user: User) -> None:
    EmailAddress.objects.filter(user=user).delete()
    User.objects.filter(id=user.id).update(email=None)
    profile.touch(user.id)
