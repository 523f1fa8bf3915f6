"""Keys of a checkout whose environment sets none."""

import base64
import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from chatproject.config import environment
from chatproject.config.table import BY_NAME


def new_signing_key() -> str:
    """A random SECRET_KEY, for sessions and links."""
    return secrets.token_urlsafe(64)


def new_push_key() -> str:
    """A private key on P-256 for pushes (RFC 8292): its 32 bytes in base64url."""
    # Only the first start needs this import.
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def read_or_create(path: Path, new_key: Callable[[], str]) -> str:
    """The key in `path`; the first caller creates it.

    The key is written to another file and then linked to `path`, so that two simultaneous first
    starts agree on one key and nobody reads half of it.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600 by mkstemp(3)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(new_key() + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)
    return path.read_text().strip()


def replace_if_in_use(name: str, path: Path, key: str) -> bool:
    """Replace the key in `path` if the setting `name` comes from there. Returns whether it does."""
    if environment.text_and_source(BY_NAME[name])[1] != str(path):
        return False
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
    os.replace(temporary, path)
    return True
