"""Proof of an e-mail address before there is an account: a signed link that is mailed to it."""

import re
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import get_language, gettext

from apps.accounts import mails
from apps.core.errors import Invalid
from apps.core.limits import EMAIL_CHANGES, check
from apps.core.runtime import runtime

SALT = "apps.accounts.email_proofs"
LINK_TTL_S = 86_400
PLAIN = re.compile(r"[^\s\"@,<>()\\]+")


def send(email: str) -> None:
    """Mail the link with which the owner of the address registers.

    An address that has an account gets a mail that says so; the page looks the same. Raises Invalid
    for an address of another domain, and RateLimited.
    """
    email = email.strip().lower()
    if not is_allowed(email):
        domains = ", ".join(runtime.REGISTRATION_DOMAINS)
        reason = gettext("Use an address at {domains}.").format(domains=domains)
        raise Invalid(reason, pointer="#/email", reason=reason)
    check(EMAIL_CHANGES, email)
    template, path = "register", reverse("account_signup")
    if EmailAddress.objects.filter(email=email, verified=True).exists():
        template, path = "has_account", reverse("account_reset_password")
    else:
        path += "?" + urlencode({"proof": signing.dumps(email, salt=SALT)})
    locale = get_language() or settings.LANGUAGE_CODE
    context = {"link": f"{settings.PUBLIC_URL}{path}"}
    mails.send_to(email, locale, f"accounts/email/{template}", context)


def read(proof: str) -> str:
    """The address that the link proves; empty when it is not valid (any more)."""
    try:
        email: str = signing.loads(proof, salt=SALT, max_age=LINK_TTL_S)
    except signing.BadSignature:
        return ""
    return email if is_allowed(email) else ""


def is_allowed(email: str) -> bool:
    """Whether the address is of a domain whose people may register.

    A quoted local part may contain what a mail server takes for another address: it is refused.
    """
    local, _, domain = email.rpartition("@")
    return bool(PLAIN.fullmatch(local)) and domain in runtime.REGISTRATION_DOMAINS
