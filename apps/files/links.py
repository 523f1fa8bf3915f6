"""Links to stored objects, made for a person who may read them now.

A link works for everybody who has it, so make it after the check of access. It is valid for
LINK_TTL_S: a player that loads the rest of a film later needs a new one. A link through this server
ends earlier with the session that it was made for; one of the S3 server does not.
"""

from typing import NamedTuple
from uuid import UUID

from django.core import signing
from django.urls import reverse
from msgspec import Struct

from apps.accounts.queries.sessions import is_signed_in, session_hash
from apps.core.file_names import content_disposition, safe_name
from apps.core.storage import object_storage

LINK_TTL_S = 60
# Another one for each form of the fields: processes of a release with another form refuse the link
# as one that was changed.
SALT = "apps.files.links.of_session"
TEXT = "text/plain"
BINARY = "application/octet-stream"
# What browsers show, and cannot run. Everything else is only saved.
INLINE_TYPES = frozenset(
    (
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"),
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/webm", "audio/wav"),
        *("audio/flac", "video/mp4", "video/webm", "application/pdf", TEXT),
    )
)
PDF = "application/pdf"
NO_STORE = "private, no-store"


class Linked(Struct, frozen=True, array_like=True):
    """What a link leads to. `inline`: whether it is shown rather than saved."""

    key: str
    name: str
    media_type: str
    inline: bool
    size: int

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the response, here or at the S3 server."""
        media_type = self.media_type if self.media_type in INLINE_TYPES else BINARY
        shown = self.inline and media_type != BINARY
        return {
            "Content-Type": f"{TEXT}; charset=utf-8" if media_type == TEXT else media_type,
            "Content-Disposition": content_disposition(self.name, inline=shown),
            "Cache-Control": NO_STORE,
        }


class Asker(NamedTuple):
    """For whom a link is made, and the key of their session."""

    person: UUID
    session_key: str


class InvalidLink(Exception):
    """The link was changed or is too old, or its session has ended."""


def link(key: str, *, name: str, media_type: str, inline: bool, size: int, asker: Asker) -> str:
    """A link to an object, with the name and type that its response has: at the S3 server if
    browsers reach it, else a path of this server."""
    linked = Linked(key, safe_name(name), media_type, inline, size)
    address = object_storage().public_link(key, headers=linked.headers, ttl_s=LINK_TTL_S)
    if address is not None:
        return address
    fields = [linked.key, linked.name, linked.media_type, linked.inline, linked.size]
    session = [asker.person.hex, session_hash(asker.session_key)]
    token = signing.dumps([session, fields], salt=SALT, compress=True)
    return reverse("stored-file", args=[token])


def read_link(token: str) -> Linked:
    """What the token of a path leads to. Raises InvalidLink."""
    try:
        [person, session], fields = signing.loads(token, salt=SALT, max_age=LINK_TTL_S)
    except signing.BadSignature as error:
        raise InvalidLink from error
    if not is_signed_in(UUID(person), session):
        raise InvalidLink
    return Linked(*fields)
