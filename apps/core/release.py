"""The release of the static files: a name that changes when any of them does.

It is part of every static URL, so files may be cached for ever, and relative imports between
modules stay inside one release without anybody rewriting them.
"""

import hashlib
from pathlib import Path


def static_release(folder: Path) -> str:
    """Ten hex digits over the paths and contents of all files under `folder`.

    The lock file beside it counts too: static files of installed packages (the admin, the API
    browser) change only with it. Hidden files are no part of a release.
    """
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = file.relative_to(folder)
        if not any(part.startswith(".") for part in inside.parts):
            _add(digest, inside.as_posix(), file)
    lock = folder.parent / "requirements" / "base.txt"
    if lock.is_file():
        _add(digest, "lock", lock)
    return digest.hexdigest()[:10]


def _add(digest: "hashlib._Hash", name: str, file: Path) -> None:
    digest.update(f"{name}\0{file.stat().st_size}\0".encode())
    digest.update(file.read_bytes())
