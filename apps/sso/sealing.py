"""Encrypts the provider's tokens before they are stored: a copy of the database signs nobody in."""

from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


@cache
def _cipher(secret: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(f"apps.sso.sealing:{secret}".encode()).digest()))


def seal(text: str) -> bytes:
    """`text`, encrypted with a key made from SECRET_KEY."""
    return _cipher(settings.SECRET_KEY).encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """The text; empty when it was sealed with another key."""
    try:
        return _cipher(settings.SECRET_KEY).decrypt(bytes(sealed)).decode()
    except InvalidToken:
        return ""
