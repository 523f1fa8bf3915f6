"""The full-origin check of sockets: a page of another site must not speak with our cookie.

RFC 6455, 10.2; browsers always send Origin, so its absence is a refusal, too.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

DEFAULT_PORTS = {"http": 80, "https": 443}


def allowed(origin: str, host: str) -> bool:
    """Whether `origin` (scheme, host and port) is a page of this server.

    It is PUBLIC_URL's own, or, with an allowed host, exactly the address that was asked (`host`).
    Where PUBLIC_URL is https, no plain page may speak: whoever sits on the line could write it.
    """
    given = _parts(origin)
    if given is None:
        return False
    if given == _parts(settings.PUBLIC_URL):
        return True
    if settings.HTTPS and given[0] != "https":
        return False
    scheme = urlsplit(origin).scheme
    asked = _parts(f"{scheme}://{host}")
    return given == asked and validate_host(given[1], settings.ALLOWED_HOSTS)


def _parts(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
        return None
    return parts.scheme, parts.hostname, port
