"""`python -m tests.support.quick_hashes`: a web process that hashes passwords quickly, for tests
that sign in often and are not about the hash."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from django.conf import settings

from chatproject import asgi  # noqa: F401  makes the apps ready
from chatproject.run import web
from tests.support.people import QUICK_HASHERS

if __name__ == "__main__":
    settings.PASSWORD_HASHERS = QUICK_HASHERS
    web.main()
