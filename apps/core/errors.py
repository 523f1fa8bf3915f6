"""The reasons an action refuses. One list for sockets, API and pages."""

from django.utils.translation import gettext_noop


class Refused(Exception):
    """Base: nothing was changed. `code` is the wire's error code, `detail` is for people."""

    code = "invalid"
    status = 400
    detail = "This was not understood."
    retry_after: float | None = None
    pointer: str | None = None
    reason = ""

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        self.detail = detail or self.detail
        self.retry_after = retry_after
        super().__init__(self.detail)


class Invalid(Refused):
    """The input is not of the right form.

    `pointer` is the JSON Pointer (RFC 6901, as a URI fragment) of the part that is wrong, `reason`
    what is wrong with it.
    """

    def __init__(self, detail: str = "", *, pointer: str | None = None, reason: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.reason = reason or self.detail


class NotFound(Refused):
    """Absent, or not the asker's to see: both look alike."""

    code = "not_found"
    status = 404
    detail = gettext_noop("There is nothing here, or nothing you may see.")


class SignedOut(Refused):
    """Nobody is signed in, or what was given does not sign anybody in."""

    code = "signed_out"
    status = 401
    detail = "Sign in first."


class Empty(Refused):
    """A text without a visible character."""

    code = "empty"
    status = 400
    detail = "Write something first."


class TooLong(Refused):
    """A text of 100,000 characters or more."""

    code = "too_long"
    status = 400
    detail = "This is too long. Nothing was sent; shorten it or split it."


class NotContacts(Refused):
    """Writing to a person takes being in touch with them."""

    code = "not_contacts"
    status = 403
    detail = "You are not in touch with this person (any more)."


class Forbidden(Refused):
    """The asker sees the thing, but their role does not let them do this."""

    code = "forbidden"
    status = 403
    detail = "Your role in this group does not allow that."


class Full(Refused):
    """The group has as many members as it may have."""

    code = "full"
    status = 409
    detail = "This group is full."


class NotPossible(Refused):
    """The action does not fit the present state, e.g. accepting where nobody invited."""

    code = "not_possible"
    status = 409
    detail = "This is not possible now; look again at how things stand."


class Conflict(Refused):
    """Somebody changed it in the meantime (optimistic concurrency)."""

    code = "conflict"
    status = 409
    detail = "This was changed elsewhere in the meantime. Nothing was overwritten."


class RateLimited(Refused):
    """Too much at once. `retry_after` says when to try again, in seconds."""

    code = "rate_limited"
    status = 429
    detail = gettext_noop("That was too fast. Nothing is lost; it goes on in a moment.")


class Unavailable(Refused):
    """The database cannot be reached; nothing was changed and a later try may succeed."""

    code = "unavailable"
    status = 503
    detail = "This cannot be saved right now. Nothing is lost; try again shortly."
