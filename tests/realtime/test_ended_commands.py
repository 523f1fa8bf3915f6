"""Commands posted by a session that has ended: counted as those of a stranger."""

from django.conf import settings

from apps.core.errors import SignedOut
from apps.realtime import command_queue, handshake
from apps.realtime.transports import commands

KEY = "a-session-that-has-ended"


async def post():
    """The status of a POST with that session."""
    cookie = f"{settings.SESSION_COOKIE_NAME}={KEY}".encode()
    headers = [(b"cookie", cookie), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/commands", "headers": headers}
    scope |= {"query_string": b"", "client": ("192.0.2.1", 1), "scheme": "http"}
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        sent.append(message)

    await commands.commands(scope, receive, send)
    return sent[0]["status"]


async def test_a_session_that_has_ended_is_counted_again(monkeypatch):
    asked, counted = [], []

    async def nobody(*_):
        asked.append(KEY)
        raise SignedOut

    monkeypatch.setattr(commands, "in_database", nobody)
    monkeypatch.setattr(handshake, "check_attempt", lambda _, key: counted.append(key))
    monkeypatch.setitem(command_queue._queues, KEY, object())
    assert await post() == 401
    assert counted == []
    assert await post() == 401
    assert counted == [KEY]
    assert len(asked) == 2
