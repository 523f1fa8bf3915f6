"""Why a sign-in with the identity provider fails."""

from enum import Enum
from uuid import UUID

from django.utils.translation import gettext_lazy as _


class Reason(Enum):
    """The value is the HTTP status of the page."""

    DENIED = (403, "denied")
    CLOSED = (403, "closed")
    EXPIRED = (400, "expired")
    INVALID = (400, "invalid")
    TAKEN = (409, "taken")
    LINKED = (409, "linked")
    OTHER = (403, "other")
    UNAVAILABLE = (503, "unavailable")

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return self.value[0]


class SignInFailed(Exception):
    """Nobody was signed in. `reason` chooses what the page says; the text is for the log only."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        super().__init__(detail or reason.name)


class AccountClosed(SignInFailed):
    """The provider knows the person, but their account is closed."""

    # When the provider asked the person for a proof; 0: it does not say.
    proved_at = 0

    def __init__(self, person: UUID) -> None:
        self.person = person
        super().__init__(Reason.CLOSED)


class ProviderUnavailable(SignInFailed):
    """The provider cannot be reached, or responds with an error of its own."""

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.UNAVAILABLE, detail)


class InvalidToken(SignInFailed):
    """A token that must not be believed."""

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.INVALID, detail)


# What the page says: a heading, and what to do.
TEXTS = {
    Reason.DENIED: (
        _("You were not signed in"),
        _("The sign-in was cancelled or refused. Nothing was changed; try again."),
    ),
    Reason.CLOSED: (
        _("This account is closed"),
        _("The people who run this server can reopen it."),
    ),
    Reason.EXPIRED: (
        _("This sign-in has expired"),
        _("It was begun too long ago, in another browser, or used before. Begin again."),
    ),
    Reason.INVALID: (
        _("You were not signed in"),
        _("The sign-in service sent something that cannot be trusted. Tell your administrator."),
    ),
    Reason.TAKEN: (
        _("This sign-in belongs to another account"),
        _("It was not linked. Sign out there first, or choose another person."),
    ),
    Reason.LINKED: (
        _("This account already has a sign-in"),
        _("Another person is linked to it. Nothing was changed."),
    ),
    Reason.OTHER: (
        _("That was not you"),
        _("You signed in there as another person, or were not asked. Nothing was changed."),
    ),
    Reason.UNAVAILABLE: (
        _("The sign-in service cannot be reached"),
        _("Nothing was changed. Try again in a moment."),
    ),
}
