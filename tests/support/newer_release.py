"""`python -m tests.support.newer_release`: a web process that reports a later release."""

import os

from apps.core import release

RELEASE = "newer"


def main() -> None:
    """Serve under the name RELEASE."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    release.static_release = lambda *_: RELEASE
    # The settings read the release when they are imported, so import them after the change.
    from chatproject.run import web

    web.main()


if __name__ == "__main__":
    main()
