"""Codes of an authenticator app, computed from the RFCs and from nothing of the product."""

import base64
import hmac
import struct
import time


def totp(secret: str, *, at: float | None = None, digits: int = 6, step_s: int = 30) -> str:
    """RFC 6238 with SHA-1: the code for a secret in base 32 at a Unix time (now)."""
    counter = int(time.time() if at is None else at) // step_s
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)
