"""`python -m tests.support.quick_drain`: a web process that drains in seconds."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from chatproject import asgi  # noqa: F401  makes the apps ready
from chatproject.run import web

from apps.realtime import drain  # isort: skip

if __name__ == "__main__":
    drain.SPREAD_S = 2.0
    drain.LEAVE_TIMEOUT_S = 1.0
    web.NOTICE_S = 0.5
    web.main()
