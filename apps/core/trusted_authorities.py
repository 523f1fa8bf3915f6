"""The certificate authorities of connections to servers that the operator names."""

from functools import cache
from ssl import SSLContext

import httpx


@cache
def trusted_authorities(file: str = "") -> SSLContext:
    """Trusts the public authorities, and those in `file` (PEM). Kept, because loading them takes
    longer than many a response. Raises OSError for a file that cannot be read."""
    context = httpx.create_ssl_context()
    if file:
        context.load_verify_locations(file)
    return context
