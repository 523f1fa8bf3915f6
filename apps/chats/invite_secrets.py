"""What stands at the end of the address of an invite link: the link's id, signed, so that those who
may make links can read it again. That of older links is random, and only its hash is known."""

import hashlib
from uuid import UUID

from django.core.signing import BadSignature, Signer

_SEP = "."


def secret_of(link_id: UUID) -> str:
    """The secret of a link with this id."""
    return _signer().sign(link_id.hex)


def hash_of(secret: str) -> str:
    """By which a link is found."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_forged(secret: str) -> bool:
    """Whether a secret has a signature, and it is not ours, or not any more."""
    if _SEP not in secret:
        return False
    try:
        _signer().unsign(secret)
    except BadSignature:
        return True
    return False


def _signer() -> Signer:
    return Signer(sep=_SEP, salt="chats.invite_link")
