"""The release of the static files: a name that changes when any of them does.

It is part of every static URL, so files may be cached for ever, and relative imports between
modules stay inside one release without anybody rewriting them.
"""

import hashlib
from pathlib import Path

# What else decides what is collected: the lock file stands for the static files of installed
# packages (the admin, the API browser), the others for what is made of ours.
_RECIPE = (
    "requirements/base.txt",
    "apps/core/minify_js.py",
    "apps/core/static_storage.py",
    "apps/core/stylesheets.py",
)


def static_release(folder: Path) -> str:
    """Ten hex digits over the paths and contents of all files under `folder`.

    Hidden files are no part of a release.
    """
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = file.relative_to(folder)
        if not any(part.startswith(".") for part in inside.parts):
            _add(digest, inside.as_posix(), file)
    for name in _RECIPE:
        file = folder.parent / name
        if file.is_file():
            _add(digest, name, file)
    return digest.hexdigest()[:10]


def _add(digest: "hashlib._Hash", name: str, file: Path) -> None:
    digest.update(f"{name}\0{file.stat().st_size}\0".encode())
    digest.update(file.read_bytes())
