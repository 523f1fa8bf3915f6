"""`manage.py vapidkey`"""

from typing import Any

from django.core.management.base import BaseCommand
from py_vapid import Vapid02, b64urlencode


class Command(BaseCommand):
    """Prints a new key for VAPID_PRIVATE_KEY (32 bytes, base64url)."""

    help = "make a key for VAPID_PRIVATE_KEY; every device has to subscribe again when it changes"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the key to the standard output."""
        key = Vapid02()
        key.generate_keys()
        number = key.private_key.private_numbers().private_value
        self.stdout.write(b64urlencode(number.to_bytes(32, "big")))
