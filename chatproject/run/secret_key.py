"""The signing key of a checkout that was given none."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def read_or_make(path: Path) -> str:
    """The key in `path`; the first caller makes it.

    Written beside and linked into place, so two first starts agree on one key and
    nobody ever reads half of it.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    handle, fresh = tempfile.mkstemp(dir=path.parent)  # 0600 by mkstemp(3)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        os.unlink(fresh)
    return path.read_text().strip()
