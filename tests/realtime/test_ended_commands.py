"""Commands posted by an app that was signed out: counted as those of a stranger."""

from uuid import uuid4

from apps.accounts.models.session import app_session_key
from apps.accounts.tokens import AccessToken, Claims, sign
from apps.core.errors import SignedOut
from apps.realtime import command_queue, handshake
from apps.realtime.transports import commands

APP = Claims(uuid4(), device=uuid4(), refresh_id=uuid4())
KEY = app_session_key(APP.device)


async def post():
    """The status of a POST with the token of that app."""
    token = f"Bearer {sign(AccessToken, APP)}".encode()
    headers = [(b"authorization", token), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/commands", "headers": headers}
    scope |= {"query_string": b"", "client": ("192.0.2.1", 1), "scheme": "http"}
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        sent.append(message)

    await commands.commands(scope, receive, send)
    return sent[0]["status"]


async def test_an_app_that_was_signed_out_is_counted_again(monkeypatch):
    counted = []

    async def nobody(*_):
        raise SignedOut

    monkeypatch.setattr(commands, "in_database_within", nobody)
    monkeypatch.setattr(handshake, "check_attempt", lambda _, key: counted.append(key))
    monkeypatch.setitem(command_queue._queues, KEY, object())
    assert await post() == 401
    assert counted == []
    assert await post() == 401
    assert counted == [KEY]
