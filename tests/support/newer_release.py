"""`python -m tests.support.newer_release`: a web process that reports a later release."""

import os
from pathlib import Path

from apps.core import release
from apps.integrations.plugins.discovery import switched_on
from chatproject.config import environment
from chatproject.run.data_dir import CHECKOUT

RELEASE = "newer"


def main() -> None:
    """Serve under the name RELEASE."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    if folder := os.environ.get("STATIC_ROOT"):
        link = Path(folder, RELEASE)
        link.unlink(missing_ok=True)
        others = [each.static_folder for each in switched_on(environment.read("PLUGINS"))]
        collected = release.static_release(CHECKOUT / "static", Path(folder), others=others)
        link.symlink_to(collected)
    release.static_release = lambda *_, **__: RELEASE
    # The settings read the release when they are imported, so import them after the change.
    from chatproject.run import web

    web.main()


if __name__ == "__main__":
    main()
