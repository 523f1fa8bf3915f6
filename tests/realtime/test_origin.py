"""Origin check: only pages of this server may open connections (RFC 6455, 10.2)."""

import pytest
from websockets.exceptions import InvalidStatus

from apps.realtime.origin import allowed

PUBLIC = "https://chat.example"
HOSTS = ["chat.example", "localhost", "127.0.0.1"]


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL = PUBLIC
    settings.ALLOWED_HOSTS = HOSTS
    settings.HTTPS = True


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (PUBLIC, "chat.example"),
        ("https://chat.example:443", "chat.example"),
        ("https://CHAT.example", "chat.example"),
        (PUBLIC, "10.0.0.7:8000"),
        ("https://localhost", "localhost"),
    ],
)
def test_own_origins_are_allowed(origin, host):
    assert allowed(origin, host)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "https://chat.example.evil.example",
        "https://evilchat.example",
        "https://chat.example@evil.example",
        "https://evil.example#https://chat.example",
        "https://chat.example:8443",
        "http://chat.example",
        "https://chat.example/",
        "https://chat.example evil",
        "https://chat.example:evil",
        "https://chat.example\\.evil.example",
        "//chat.example",
        "chat.example",
        "file://",
        "wss://chat.example",
        "https://[::1",
    ],
)
def test_any_other_origin_is_refused(origin):
    assert not allowed(origin, "chat.example")


def test_an_origin_of_a_host_that_is_not_allowed_is_refused():
    assert not allowed("https://evil.example", "evil.example")


def test_over_http_the_requested_address_is_allowed(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    settings.HTTPS = False
    assert allowed("http://localhost:8000", "localhost:8000")
    assert not allowed("http://localhost:8001", "localhost:8000")


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1:1"])
async def test_a_socket_of_a_foreign_page_is_refused_before_it_is_accepted(
    one_server, cast, device, origin
):
    with pytest.raises(InvalidStatus) as refused:
        await device(one_server, cast.alice).open(origin=origin)
    assert refused.value.response.status_code == 403
    assert (await device(one_server, cast.alice).join()).state.synced
