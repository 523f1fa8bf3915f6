"""Who this server is to push services (RFC 8292)."""

import base64
import re
from email.utils import parseaddr

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02


def public_key() -> str:
    """What browsers subscribe with (`applicationServerKey`); empty when push is not set up."""
    if not settings.VAPID_PRIVATE_KEY:
        return ""
    key = Vapid02.from_string(settings.VAPID_PRIVATE_KEY).public_key
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def contact() -> str:
    """Where push services reach the operator (the claim `sub`): as the settings say, otherwise
    mail to EMAIL_FROM.

    The host of that address needs a dot, or py_vapid refuses it. A machine with one name, as in a
    house, is called `.local` (RFC 6762); one with none at all is `localhost`.
    """
    if settings.VAPID_CONTACT:
        return str(settings.VAPID_CONTACT)
    name, _, host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", host):
        host = "localhost"
    elif "." not in host and host != "localhost":
        host += ".local"
    return f"mailto:{name or 'parley'}@{host}"
