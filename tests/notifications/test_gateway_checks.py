"""The check of PUSH_GATEWAYS at the start."""

import pytest

from apps.notifications.checks import check_gateways
from apps.notifications.gateways.webpush import WebPush


class OlderGateway(WebPush):
    """Takes the arguments of an earlier release."""

    async def send(self, destination, payload, *, topic, seconds, urgent):
        """Send nothing."""


class BlockingGateway(WebPush):
    """Does not await."""

    def send(self, destination, payload, *, topic, ttl_s, urgent):
        """Send nothing."""


def test_our_gateway_passes(settings):
    assert check_gateways() == []


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("tests.notifications.nowhere.Fcm", "No module named"),
        ("apps.notifications.gateways.webpush.Fcm", "does not define"),
        ("builtins.int", "no method `check`"),
        (f"{__name__}.OlderGateway", "`send` does not take ttl_s"),
        (f"{__name__}.BlockingGateway", "no coroutine `send`"),
    ],
)
def test_a_gateway_that_cannot_be_used_is_named(settings, path, problem):
    settings.PUSH_GATEWAYS = {**settings.PUSH_GATEWAYS, "fcm": path}
    [error] = check_gateways()
    assert f"fcm={path}" in error.msg
    assert problem in error.msg
