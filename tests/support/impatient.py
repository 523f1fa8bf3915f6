"""`python -m tests.support.impatient`: a web process that ends stalled downloads at once."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from chatproject import asgi  # noqa: F401  makes the apps ready
from chatproject.run import web

from apps.core import downloads  # isort: skip

if __name__ == "__main__":
    downloads.STALL_TIMEOUT_S = 0.5
    web.main()
