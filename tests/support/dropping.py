"""`python -m tests.support.dropping`: a web process that loses every third hint.

Durable changes are lost on their way to the hub, from this process and from others. Changes that
the hub reads from the database are no hints.
"""

import os
from itertools import count

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from chatproject import asgi  # noqa: F401  makes the apps ready
from chatproject.run import web

from apps.realtime import relay, server  # isort: skip
from apps.realtime.envelope import Envelope  # isort: skip

# Logged for each lost hint, so that tests can count them.
DROPPED = "a hint was dropped"
_arrived = count(1)


def _thinned(envelopes: list[Envelope]) -> list[Envelope]:
    kept = [item for item in envelopes if item.rev is None or next(_arrived) % 3]
    for _ in range(len(envelopes) - len(kept)):
        print(DROPPED, flush=True)
    return kept


def _install() -> None:
    envelopes, unpack = server.envelopes, relay.unpack
    server.envelopes = lambda batch, **more: _thinned(envelopes(batch, **more))
    relay.unpack = lambda data: _thinned(unpack(data))


if __name__ == "__main__":
    _install()
    web.main()
