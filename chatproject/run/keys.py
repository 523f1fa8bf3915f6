"""The keys of a checkout that was given none."""

import base64
import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path


def new_signing_key() -> str:
    """For sessions and links."""
    return secrets.token_urlsafe(64)


def new_push_key() -> str:
    """For pushes: a private key on P-256 (RFC 8292), its 32 bytes in base64url."""
    # Loaded on the first start only.
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """The key in `path`; the first caller makes it.

    Written beside and linked into place, so two first starts agree on one key and
    nobody ever reads half of it.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    handle, fresh = tempfile.mkstemp(dir=path.parent)  # 0600 by mkstemp(3)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(make() + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        os.unlink(fresh)
    return path.read_text().strip()
