"""Creates accounts."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop, override

from apps.accounts import barred_emails
from apps.accounts.actions import claiming, email_proofs, invites, profile
from apps.accounts.former_usernames import refuse_former
from apps.accounts.invite_handlers import Accept, find_accept
from apps.accounts.models import RegistrationInvite, User
from apps.core.errors import Forbidden, Invalid, NotFound, Refused
from apps.core.runtime import runtime

NEEDS_INVITE = gettext_noop("Ask somebody for an invitation: you can register with its link only.")
NEEDS_EMAIL = gettext_noop(
    "Register in a browser: you first need to confirm an e-mail address of this server's people."
)


BARRED = gettext_noop(
    "The account with this e-mail address was suspended, so you cannot register with it."
)


class Permit(NamedTuple):
    """What lets somebody register: an invitation, a link of another app, or a proven address. None
    of them where anybody may. `accept`: of the link with which they came, if there is one;
    `is_needed`: there is no account without it."""

    invite: RegistrationInvite | None = None
    accept: Accept | None = None
    is_needed: bool = False
    email: str = ""


def permit(*, invite: str = "", proof: str = "", lock: bool = False) -> Permit:
    """What lets somebody with these secrets register; `lock` keeps others from the invitation.

    Raises NotFound where nobody registers, and Forbidden without a valid secret where one is
    needed.
    """
    mode = runtime.REGISTRATION
    found = invites.find(invite, lock=lock) if invite else None
    if found and (mode != "off" or found.administrator):
        return Permit(invite=found)
    match mode:
        case "open":
            return Permit(accept=find_accept(invite) if invite else None)
        case "domains":
            if email := email_proofs.read(proof):
                # Said to the owner of the address alone: the link was mailed to it.
                if barred_emails.is_barred(email):
                    raise Forbidden(BARRED)
                return Permit(email=email)
            raise Forbidden(NEEDS_EMAIL)
        case "invite":
            if invite and (accept := find_accept(invite)):
                return Permit(accept=accept, is_needed=True)
            raise Forbidden(NEEDS_INVITE)
    raise NotFound


@transaction.atomic
def sign_up(
    username: str,
    *,
    password: str,
    name: str = "",
    email: str = "",
    locale: str = settings.LANGUAGE_CODE,
    time_zone: str = "",
    invite: str = "",
    proof: str = "",
) -> User:
    """Create an account for somebody who asks for one, if they may register.

    `invite` is the secret of an invitation, or of a group's or a person's link, which the account
    then has used;
    `proof` is that of the link which was mailed to an address. Raises as `permit` and `register`,
    and what accepting the link raises.
    """
    allowed = permit(invite=invite, proof=proof, lock=True)
    administrator = bool(allowed.invite and allowed.invite.administrator)
    user = register(
        username,
        password=password,
        name=name,
        email=allowed.email or email,
        locale=locale,
        time_zone=time_zone,
        confirmed=administrator or bool(allowed.email),
        # Not that of an administrator's invitation: nobody has proven it.
        claims=bool(allowed.email),
        administrator=administrator,
    )
    if allowed.invite:
        invites.mark_used(allowed.invite, user)
    if allowed.accept and allowed.is_needed:
        allowed.accept(user.id, invite)
    elif allowed.accept:
        # The link was the decision. If it fails, its page says why.
        with suppress(Refused), transaction.atomic():
            allowed.accept(user.id, invite)
    return user


@transaction.atomic
def register(
    username: str,
    *,
    password: str,
    name: str = "",
    email: str = "",
    locale: str = settings.LANGUAGE_CODE,
    time_zone: str = "",
    confirmed: bool = False,
    claims: bool = False,
    administrator: bool = False,
) -> User:
    """Create an account; with `claims`, take over the placeholder with the `confirmed` address, if
    there is one. Then its owner must have proven the address, or be the only one who can sign in.

    An `email` that is not `confirmed` stays pending until its owner follows the link sent to it:
    nobody can claim another person's address, or find out by trying that it is in use.
    Raises Invalid with a pointer to the field.
    """
    given = {"username": username, "name": name, "locale": locale}
    fields = profile.clean(given | ({"device_time_zone": time_zone} if time_zone else {}))
    if time_zone:
        fields["time_zone"] = fields.pop("device_time_zone")
    email = email.strip().lower()
    if email:
        _check("email", partial(validate_email, email))
    claimed = claiming.take(email=email) if claims else None
    user = claimed or User()
    for field, value in fields.items():
        if value or not claimed:  # what was left empty stays as it was
            setattr(user, field, value)
    user.is_staff = user.is_superuser = administrator
    _check("password", partial(validate_password, password, user))
    user.set_password(password)
    user.email = email if email and confirmed else None
    _save(user)
    if email:
        EmailAddress.objects.create(user=user, email=email, verified=confirmed, primary=confirmed)
    if claimed:
        claiming.finish(user)
    return user


def register_bot(owner: User | None, *, username: str, name: str, about: str) -> User:
    """Create the account of a bot, which nobody signs in to with a password. Without an owner it is
    the server's own. Raises Invalid with a pointer to the field."""
    locale = owner.locale if owner else settings.LANGUAGE_CODE
    given = {"username": username, "name": name, "about": about, "locale": locale}
    user = User(**profile.clean(given), is_bot=True, bot_owner=owner)
    user.set_unusable_password()
    _save(user)
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


def _save(user: User) -> None:
    try:
        with transaction.atomic():
            user.save()
            refuse_former(user.username)
    except IntegrityError as error:
        field, reason = "username", gettext("This username is taken.")
        if "email" in str(error).split("DETAIL")[0]:
            field, reason = "email", gettext("This e-mail address is taken.")
        raise Invalid(reason, pointer=f"#/{field}", reason=reason) from error
