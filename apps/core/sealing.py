"""Encrypts secrets before they are stored: a copy of the database without SECRET_KEY is not enough
to use them."""

from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(Exception):
    """The text was sealed with another SECRET_KEY, or was changed."""


@cache
def _cipher(label: str, secret: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(f"{label}:{secret}".encode()).digest()))


def seal(text: str, *, label: str) -> bytes:
    """`text`, encrypted with a key made from SECRET_KEY and `label`: each use has its own key."""
    return _cipher(label, settings.SECRET_KEY).encrypt(text.encode())


def unseal(sealed: bytes, *, label: str) -> str:
    """The text. Raises Unreadable."""
    try:
        return _cipher(label, settings.SECRET_KEY).decrypt(sealed).decode()
    except InvalidToken as error:
        raise Unreadable(label) from error
