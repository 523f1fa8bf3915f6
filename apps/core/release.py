"""The release of the static files: a digest that changes when any of them does.

The release is part of every static URL. So files can be cached without expiry, and relative
imports between modules stay inside one release without being rewritten.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from apps.core.join_modules import can_join

# Other inputs of collectstatic: the lock file stands for the static files of installed packages
# (the admin, the API browser), the modules for how our own files are processed.
_BUILD_INPUTS = (
    "requirements/base.txt",
    "requirements/bundler.txt",
    "apps/core/join_modules.py",
    "apps/core/minify_js.py",
    "apps/core/static_storage.py",
    "apps/core/stylesheets.py",
)


# In a folder of collected files, names their release.
MARK = ".release"


def static_release(
    folder: Path, collected: Path | None = None, *, others: Sequence[Path] = ()
) -> str:
    """Ten hex digits over the paths and contents of all files under `folder` and `others` (of
    plugins), and `-joined` where the browser's modules are joined: with the bundler, or if
    `collected` has a folder of that release.

    Hidden files are left out.
    """
    single = _digest(folder, others)
    joined = f"{single}-joined"
    mark = collected / joined / MARK if collected else None
    is_collected = mark is not None and mark.is_file() and mark.read_text() == joined
    return joined if is_collected or can_join() else single


def _digest(folder: Path, others: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for each in (folder, *others):
        for file in sorted(path for path in each.rglob("*") if path.is_file()):
            inside = file.relative_to(each)
            if not any(part.startswith(".") for part in inside.parts):
                _add(digest, inside.as_posix(), file)
    for name in _BUILD_INPUTS:
        file = folder.parent / name
        if file.is_file():
            _add(digest, name, file)
    return digest.hexdigest()[:10]


def _add(digest: "hashlib._Hash", name: str, file: Path) -> None:
    digest.update(f"{name}\0{file.stat().st_size}\0".encode())
    digest.update(file.read_bytes())
