"""Limits wrong codes of the second factor, as wrong passwords are limited (decision 0023)."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from apps.accounts import known_devices
from apps.accounts.models import User

APP = "allauth.account"


def count_code(request: HttpRequest, user: User) -> Callable[[], None]:
    """Count an attempt to enter a code. Returns what uncounts it, to call when the code is right.

    A device that has signed in with the second step before has a counter of its own: somebody who
    knows the password must not lock its owner out. Raises ValidationError when there were too many.
    """
    device = known_devices.known_device_id(request, known_devices.second_step_of(user))
    account = f"second-factor:{user.pk}"
    key = f"{account}:{device or ratelimit.get_ip(request)}"
    counted = ratelimit.consume(request, app=APP, action="login_failed", key=key)
    if counted is None:
        raise get_adapter().validation_error("too_many_login_attempts")
    if not device:
        anywhere = ratelimit.consume(request, app=APP, action="code_failed_anywhere", key=account)
        if anywhere is None:
            counted.rollback()
            raise get_adapter().validation_error("too_many_login_attempts")
        counted.usage += anywhere.usage
    rollback: Callable[[], None] = counted.rollback
    return rollback
