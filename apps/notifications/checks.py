"""A system check for settings with which no push would ever arrive."""

import time
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from py_vapid import Vapid02, VapidException

from apps.notifications.vapid import contact


def check_vapid(**_: Any) -> list[CheckMessage]:
    """Sign a token, as for a push. Returns an error for a key or a contact that cannot be used."""
    if not settings.VAPID_PRIVATE_KEY:
        return []
    try:
        key = Vapid02.from_string(settings.VAPID_PRIVATE_KEY)
    except (VapidException, ValueError):
        return [
            Error(
                "VAPID_PRIVATE_KEY is not a key that can sign pushes.",
                hint="`manage.py vapidkey` makes one.",
                id="notifications.E001",
            )
        ]
    try:
        key.sign({"aud": "https://push.example.org", "exp": int(time.time()), "sub": contact()})
    except VapidException:
        return [
            Error(
                f"VAPID_CONTACT is {contact()!r}: push services would refuse every push.",
                hint="mailto:you@example.org or https://example.org, with a full host name.",
                id="notifications.E002",
            )
        ]
    return []
