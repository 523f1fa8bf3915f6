"""Refusals: the exceptions that actions raise, with the codes that sockets and the API send."""

from math import ceil

from django.utils.translation import gettext_noop


class Refused(Exception):
    """Base class. Nothing was changed. `code` is the wire's error code, `detail` is for people."""

    code = "invalid"
    status = 400
    detail = "This request is not valid."
    retry_after: float | None = None
    pointer: str | None = None
    reason = ""

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        self.detail = detail or self.detail
        self.retry_after = retry_after
        super().__init__(self.detail)

    @property
    def retry_after_s(self) -> int:
        """Whole seconds to wait, at least one."""
        return max(1, ceil(self.retry_after or 0))


class Invalid(Refused):
    """The input is malformed.

    `pointer` is the JSON Pointer (RFC 6901, as a URI fragment) of the faulty part, `reason` says
    what is wrong with it.
    """

    def __init__(self, detail: str = "", *, pointer: str | None = None, reason: str = "") -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.reason = reason or self.detail


class NotFound(Refused):
    """The object does not exist, or the person may not see it: both look alike."""

    code = "not_found"
    status = 404
    detail = gettext_noop("This does not exist, or you have no access to it.")


class SignedOut(Refused):
    """Nobody is signed in, or the given credentials are wrong."""

    code = "signed_out"
    status = 401
    detail = "Sign in first."


class InvalidToken(SignedOut):
    """The token is not ours, of another kind, expired, or its device was signed out."""

    code = "invalid_token"
    detail = "This token is not valid. Refresh it, or sign in again."


class LoginRequired(SignedOut):
    """The app was signed out here; its session at the identity provider goes on."""

    code = "login_required"
    detail = "This app was signed out. Sign in at the identity provider again."


class SecondFactorRequired(Refused):
    """The password is right, and the account asks for a second factor that was not given."""

    code = "second_factor_required"
    status = 403
    detail = "This account has a second factor. Send its code, too."


class InsufficientScope(Refused):
    """The token of a bot does not cover this (RFC 6750, section 3.1)."""

    code = "insufficient_scope"
    status = 403
    detail = "The token of this bot does not cover this."


class FreshSignInRequired(Refused):
    """The person has to prove again that it is them: the last proof is too long ago for this."""

    code = "fresh_sign_in_required"
    status = 403
    detail = "Prove that it is you (/session/proof) or sign in again; then ask within five minutes."


class Empty(Refused):
    """A text without a visible character."""

    code = "empty"
    status = 400
    detail = "Write something first."


class TooLong(Refused):
    """A text of more characters than a message may have."""

    code = "too_long"
    status = 400
    detail = "This is too long. Nothing was sent; shorten it or split it."


class UnsupportedType(Refused):
    """The body is not JSON."""

    code = "unsupported_type"
    status = 415
    detail = "Send the body as application/json."


class NotContacts(Refused):
    """The two people are not contacts, which writing to each other requires."""

    code = "not_contacts"
    status = 403
    detail = "You are not in touch with this person (any more)."


class ChatClosed(Refused):
    """Moderators have closed this group: its members can only read it and leave."""

    code = "chat_closed"
    status = 403
    detail = "Moderators have closed this group."


class Forbidden(Refused):
    """The person may see the object, but their role does not allow this change."""

    code = "forbidden"
    status = 403
    detail = "Your role in this group does not allow that."


class Full(Refused):
    """A limit is reached: members of a group, webhooks, emoji."""

    code = "full"
    status = 409
    detail = "This group is full."


class FileTooLarge(Refused):
    """The file is larger than this server takes."""

    code = "file_too_large"
    status = 413
    detail = "This file is too large."


class FileGone(Refused):
    """A file of the message does not exist, is not ready, or cannot be attached by this person."""

    code = "file_gone"
    status = 409
    detail = "A file of this message is not there any more. Attach it again."


class StorageFull(Refused):
    """The person's files would take more than they may."""

    code = "storage_full"
    status = 409
    detail = "Your files take all the space that you have. Delete some first."


class NotPossible(Refused):
    """The action does not fit the current state, e.g. accepting without an invitation."""

    code = "not_possible"
    status = 409
    detail = "This is not possible right now. Reload and check the current state."


class Greeted(NotPossible):
    """The person has said something with an invitation to the same other one within a day."""

    code = "greeted"
    detail = gettext_noop("You have said something to this person today.")


class UnknownCommand(Refused):
    """No command of this name can be run in the chat."""

    code = "unknown_command"
    status = 404
    detail = gettext_noop("There is no such command here.")


class Conflict(Refused):
    """The object was changed by someone else since it was read (optimistic concurrency)."""

    code = "conflict"
    status = 409
    detail = "This was changed elsewhere in the meantime. Nothing was overwritten."


class PreconditionFailed(Refused):
    """The object has another ETag than the request's `If-Match` (RFC 9110, 13.1.1)."""

    code = "precondition_failed"
    status = 412
    detail = "This was changed elsewhere in the meantime. Nothing was overwritten."


class InProgress(Refused):
    """A request with the same `Idempotency-Key` has not finished yet."""

    code = "in_progress"
    status = 409
    detail = "The first request with this Idempotency-Key is still being processed. Try again."


class KeyReused(Refused):
    """The `Idempotency-Key` belongs to another request."""

    code = "key_reused"
    status = 422
    detail = "This Idempotency-Key was used with another request. Use a new key."


class RateLimited(Refused):
    """Too many requests. `retry_after` is the number of seconds to wait."""

    code = "rate_limited"
    status = 429
    detail = gettext_noop("That was too fast. Nothing is lost; it continues in a moment.")


class NewAccount(Refused):
    """A new account has done this as often as it may in its first time."""

    code = "new_account"
    status = 403
    detail = gettext_noop("New accounts can do this only a few times. Try again tomorrow.")


class AgainstRules(Refused):
    """A rule of the moderators refuses the text."""

    code = "against_rules"
    status = 403
    detail = gettext_noop("A rule of this server does not allow this text.")


class RefusedByPlugin(Refused):
    """A plugin refuses the message. `detail` has its words for the sender."""

    code = "plugin_refused"
    status = 403
    detail = gettext_noop("A plugin of this server does not allow this message.")


class NotAsEdit(Refused):
    """The new text of a message would have to wait for a moderator, which an edit cannot."""

    code = "not_as_edit"
    status = 403
    detail = gettext_noop("Moderators read this before it is sent. Send it as a new message.")


class Held(Refused):
    """The message waits for a moderator (`chats.actions.holding`). It is stored, and not sent."""

    code = "held"
    status = 409
    detail = gettext_noop("This message waits for a moderator. Do not send it again.")


class TooManyHeld(Refused):
    """As many messages of the person wait for a moderator as may."""

    code = "too_many_held"
    status = 409
    detail = gettext_noop("Too many of your messages wait for a moderator already.")


class Slowed(Refused):
    """Moderators limited how often the person may send. `retry_after`: the seconds to wait."""

    code = "slowed"
    status = 429
    detail = "Moderators limited how often you may write. Send it again later."


class Unavailable(Refused):
    """The database is unavailable. Nothing was changed; a retry may succeed."""

    code = "unavailable"
    status = 503
    detail = "This cannot be saved right now. Nothing is lost; try again shortly."


class StorageUnavailable(Refused):
    """The file storage is unavailable. A retry may succeed; messages without files are sent."""

    code = "storage_unavailable"
    status = 503
    detail = "Files cannot be stored or read right now. Try again shortly."
