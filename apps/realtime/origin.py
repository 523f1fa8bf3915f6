"""The origin check of live connections: no page of another site may use our cookie.

RFC 6455, 10.2. Browsers always send Origin with a WebSocket, so a missing one is refused there.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from apps.core.default_ports import DEFAULT_PORTS


def allowed(origin: str, host: str) -> bool:
    """Whether `origin` (scheme, host and port) is this server's own.

    It must be that of PUBLIC_URL or, for an allowed host, exactly that of the request (`host`).
    If PUBLIC_URL is https, http origins are refused: an attacker on the network can write such
    pages.
    """
    if origin == settings.PUBLIC_URL:
        return True
    given = _parts(origin)
    if given is None:
        return False
    if given == _parts(settings.PUBLIC_URL):
        return True
    if settings.HTTPS and given[0] != "https":
        return False
    scheme = urlsplit(origin).scheme
    requested = _parts(f"{scheme}://{host}")
    return given == requested and validate_host(given[1], settings.ALLOWED_HOSTS)


def _parts(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
        return None
    return parts.scheme, parts.hostname, port
