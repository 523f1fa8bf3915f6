"""Programs that ask a process by its address get an answer; browsers are asked for the name."""

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from chatproject.asgi import pages

ADDRESS = b"10.1.2.3:8000"


async def status(path: str, *headers: tuple[bytes, bytes]) -> int:
    asked = ApplicationCommunicator(
        pages,
        {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", ADDRESS), *headers],
            "client": ["10.9.9.9", 1],
        },
    )
    await asked.send_input({"type": "http.request"})
    response = await asked.receive_output(timeout=10)
    return response["status"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "token", "expected"),
    [
        ("/livez", None, 200),
        ("/readyz", None, 200),
        ("/metrics", "of Prometheus", 200),
        ("/metrics", "of somebody", 404),
        ("/metrics", None, 400),
        ("/healthz", None, 400),
        ("/accounts/login/", "of Prometheus", 400),
    ],
)
async def test_programs_may_ask_by_address(monkeypatch, path, token, expected):
    monkeypatch.setattr(settings, "METRICS_TOKEN", "of Prometheus")
    headers = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
    assert await status(path, *headers) == expected
