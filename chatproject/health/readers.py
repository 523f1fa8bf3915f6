"""Which programs may read the health and the metrics of the server."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA")


def may_read(request: HttpRequest) -> bool:
    """Whether the request has METRICS_TOKEN. Without such a setting: whether it comes from this
    machine, and through no proxy. With https there is one, which may add no header to what it
    forwards from everybody (nginx's bare `proxy_pass`): then nobody without a token."""
    if settings.METRICS_TOKEN:
        return has_token(request.headers.get("Authorization", ""))
    if settings.PUBLIC_URL.startswith("https:"):
        return False
    if any(name in request.META for name in FORWARDING_HEADERS):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def has_token(authorization: str) -> bool:
    """Whether this `Authorization` header has METRICS_TOKEN."""
    return constant_time_compare(authorization, f"Bearer {settings.METRICS_TOKEN}")
