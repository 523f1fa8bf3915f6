"""Pages at well-known addresses, for other programs."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.core.runtime import runtime

SECURITY_TXT_TTL = timedelta(days=180)


def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a vulnerability (RFC 9116)."""
    expires = (timezone.now() + SECURITY_TXT_TTL).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: {runtime.SECURITY_CONTACT}",
        f"Expires: {expires}",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
        "Preferred-Languages: en",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
