"""`python -m tests.support.newer_release`: a web process that reports a later release."""

import os

from apps.core import release

RELEASE = "newer"


def main() -> None:
    """Serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    release.static_release = lambda folder: RELEASE
    # The settings ask for the release as they are loaded.
    from chatproject.run import web

    web.main()


if __name__ == "__main__":
    main()
