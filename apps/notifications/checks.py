"""System checks for settings with which no push would ever arrive."""

import inspect
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string
from py_vapid import Vapid02, VapidException

from apps.notifications.gateways.base import Gateway
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


def check_gateways(**_: Any) -> list[CheckMessage]:
    """Import each class in PUSH_GATEWAYS. Returns an error for one that is not a `Gateway`."""
    wanted = inspect.signature(Gateway.send).parameters.keys()
    errors: list[CheckMessage] = []
    for name, path in settings.PUSH_GATEWAYS.items():
        try:
            problem = _missing(import_string(path), wanted)
        except ImportError as error:
            problem = str(error)
        if problem:
            errors.append(
                Error(
                    f"PUSH_GATEWAYS: {name}={path} cannot be used: {problem}.",
                    hint="The interface is `Gateway` in apps/notifications/gateways/base.py.",
                    id="notifications.E003",
                )
            )
    return errors


def _missing(gateway: type, wanted: Iterable[str]) -> str:
    if not callable(getattr(gateway, "check", None)):
        return "it has no method `check`"
    send = getattr(gateway, "send", None)
    if not inspect.iscoroutinefunction(send):
        return "it has no coroutine `send`"
    taken = inspect.signature(send).parameters
    missing = [name for name in wanted if name not in taken]
    return f"`send` does not take {', '.join(missing)}" if missing else ""
