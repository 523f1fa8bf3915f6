"""How this server identifies itself to push services (VAPID, RFC 8292)."""

import base64
import re
from email.utils import parseaddr

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02


def public_key() -> str:
    """The key that browsers subscribe with (`applicationServerKey`); empty without push."""
    if not settings.VAPID_PRIVATE_KEY:
        return ""
    key = Vapid02.from_string(settings.VAPID_PRIVATE_KEY).public_key
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def contact() -> str:
    """Where push services reach the operator (the claim `sub`): VAPID_CONTACT, else EMAIL_FROM.

    py_vapid refuses an address whose host has no dot. So a single name, as on a home network,
    becomes a `.local` name (RFC 6762), and a missing one becomes `localhost`.
    """
    if settings.VAPID_CONTACT:
        return str(settings.VAPID_CONTACT)
    name, _, host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", host):
        host = "localhost"
    elif "." not in host and host != "localhost":
        host += ".local"
    return f"mailto:{name or 'parley'}@{host}"
