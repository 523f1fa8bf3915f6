"""Every web process follows what administrators change, without Redis, too."""

import time
from urllib.request import Request, urlopen

import pytest

from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.runtime_settings import change
from tests.support.people import person, session_of
from tests.support.runtime import runtime_settings

__all__ = ["runtime_settings"]
OPERATOR = By(None, Door.COMMAND)


@pytest.mark.usefixtures("runtime_settings")
def test_all_processes_follow_a_change_without_redis(start_server, tmp_path):
    reader = person("rita")
    cookie = f"parley={session_of(reader)}"

    def seen(server):
        """The limit of reads, and whether registration is open, in this process."""
        me = Request(f"{server.url}/api/v1/me", headers={"Cookie": cookie})
        with urlopen(me) as answer:
            amount = answer.headers["RateLimit-Policy"].split(";")[1]
        with urlopen(f"{server.url}/accounts/signup/") as answer:
            return amount, b'name="username"' in answer.read()

    def until(servers, wanted):
        late = time.monotonic() + 20
        while (found := [seen(server) for server in servers]) != [wanted] * len(servers):
            assert time.monotonic() < late, found

    absent = f"unix://{tmp_path}/nobody.sock"
    servers = start_server(n=2, REDIS_URL=absent, LIMITS_TIMES="1", REGISTRATION="open")
    until(servers, ("q=400", True))
    change(OPERATOR, {"limit.reads": "4000", "REGISTRATION": "off"})
    until(servers, ("q=4000", False))
    # A process that starts later has them before its first request.
    [later] = start_server(REDIS_URL=absent, LIMITS_TIMES="1", REGISTRATION="open")
    assert seen(later) == ("q=4000", False)
    change(OPERATOR, {"limit.reads": None, "REGISTRATION": None})
    until(servers, ("q=400", True))
