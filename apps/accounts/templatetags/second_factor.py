"""What the pages of the second factor show."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def to_json(value: Any) -> str:
    """JSON for a data attribute."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.simple_tag
def passkey_options(request_options: Mapping[str, Any] | None) -> dict[str, Any]:
    """`json`: what the browser needs to use a passkey; `has_passkeys`: whether there is any."""
    options = (request_options or {}).get("publicKey", {})
    return {"json": to_json(options), "has_passkeys": bool(options.get("allowCredentials"))}


@register.simple_tag
def passkeys_possible() -> bool:
    """Whether browsers allow passkeys at PUBLIC_URL: only for a name, and https or this machine."""
    url = urlsplit(settings.PUBLIC_URL)
    host = url.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return url.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    return False


@register.filter
def in_groups(secret: str) -> str:
    """The text in groups of four, as people copy it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


@register.filter
def as_download(lines: Iterable[str]) -> str:
    """A data URL of a text file, so that the file is never stored on the server."""
    text = "".join(f"{line}\n" for line in lines)
    return f"data:text/plain;base64,{b64encode(text.encode()).decode()}"
