"""Encrypts the provider's tokens before they are stored: a copy of the database signs nobody in."""

from apps.core import sealing

LABEL = "apps.sso.sealing"


def seal(text: str) -> bytes:
    """`text`, encrypted with a key made from SECRET_KEY."""
    return sealing.seal(text, label=LABEL)


def unseal(sealed: bytes | memoryview) -> str:
    """The text; empty when it was sealed with another key."""
    try:
        return sealing.unseal(bytes(sealed), label=LABEL)
    except sealing.Unreadable:
        return ""
