"""Who this server is to push services (RFC 8292)."""

import base64

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
