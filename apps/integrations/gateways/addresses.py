"""The addresses of other servers to which this one is to post."""

from django.utils.translation import gettext

from apps.core.errors import Invalid
from apps.core.outbound_http import outbound_client
from apps.core.outbound_url import (
    Fault,
    ForbiddenUrl,
    OutboundUrl,
    parse_outbound_url,
)

# As it is stored.
MAX_LENGTH = 2_000


def checked_address(url: str) -> OutboundUrl:
    """The parts of an address to which this server may post. Raises Invalid, which says what is
    wrong with it, and what is allowed."""
    try:
        target = parse_outbound_url(url.strip())
        outbound_client().check(target)
        if len(target.url) > MAX_LENGTH:
            # With letters in it that are written as several.
            raise ForbiddenUrl(Fault.TOO_LONG)
    except ForbiddenUrl as error:
        reason = _words(error.fault)
        raise Invalid(reason, pointer="#/url", reason=reason) from error
    return target


def _words(fault: Fault) -> str:
    match fault:
        case Fault.TOO_LONG:
            return gettext("Use at most {n} characters.").format(n=MAX_LENGTH)
        case Fault.CREDENTIALS:
            return gettext("Leave the user name and the password out of the address.")
        case Fault.ONLY_HTTPS:
            return gettext(
                "This address is not allowed here: use one that begins with https:// and has no "
                "port. An administrator of this server can allow others."
            )
        case Fault.NOT_PUBLIC:
            return gettext(
                "This address is inside a network: use one that is public. An administrator of "
                "this server can allow others."
            )
    return gettext("This is not a web address. Write it like this: https://example.org/path")
