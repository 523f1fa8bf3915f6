"""Web Push: RFC 8030 (delivery), RFC 8291 (encryption), RFC 8292 (VAPID)."""

import base64
import binascii
import logging
import time
from functools import cached_property, lru_cache

from django.conf import settings
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException

from apps.core.errors import Invalid, NotPossible
from apps.core.outage_log import OutageLog
from apps.core.outbound_http import PostResponse, RequestFailed, outbound_client
from apps.core.outbound_url import ForbiddenUrl, OutboundUrl, parse_outbound_url
from apps.notifications.gateways.base import Destination, Outcome, SendResult
from apps.notifications.vapid import contact

logger = logging.getLogger(__name__)

REQUEST_TIMEOUT_S = 8.0
VAPID_TOKEN_TTL_S = 12 * 3600  # RFC 8292 allows a day
MAX_RETRY_AFTER_S = 3600.0
OUTCOMES = {404: Outcome.GONE, 410: Outcome.GONE, 413: Outcome.TOO_BIG}
KEY_BYTES = {"p256dh": 65, "auth": 16}


class WebPush:
    """Reaches browsers through the push services of their vendors."""

    def check(self, destination: Destination) -> str:
        """The host of the endpoint. Raises Invalid for malformed keys and for hosts that the
        setting PUSH_HOSTS does not name, NotPossible without a VAPID key."""
        if not settings.VAPID_PRIVATE_KEY:
            raise NotPossible("Push is not set up on this server (VAPID_PRIVATE_KEY is empty).")
        for name, length in KEY_BYTES.items():
            if len(_decoded(destination.keys.get(name, ""))) != length:
                reason = f"Not a valid {name} key of a push subscription."
                raise Invalid(reason, pointer=f"#/keys/{name}", reason=reason)
        try:
            target = parse_outbound_url(destination.endpoint)
            outbound_client().check(target)
        except ForbiddenUrl as error:
            raise _invalid_endpoint("Not the address of a push service.") from error
        if not _allowed(target):
            raise _invalid_endpoint(f"This server does not send pushes to {target.host}.")
        return target.host

    async def send(
        self, destination: Destination, payload: bytes, *, topic: str, ttl_s: int, urgent: bool
    ) -> SendResult:
        """Encrypt the payload and post it to the endpoint."""
        try:
            target = parse_outbound_url(destination.endpoint)
            if not _allowed(target):
                return SendResult(Outcome.REFUSED)
            response = await outbound_client().post(
                destination.endpoint,
                headers={
                    **self._vapid_headers(target),
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                    "TTL": str(ttl_s),
                    "Topic": topic,
                    "Urgency": "high" if urgent else "normal",
                },
                body=_encrypted(destination, payload),
                seconds=REQUEST_TIMEOUT_S,
            )
        except (ForbiddenUrl, WebPushException, ValueError) as error:
            logger.warning("a push cannot be sent: %s", error)
            return SendResult(Outcome.REFUSED)
        except RequestFailed as error:
            _outage(target.host).failed(error)
            return SendResult(Outcome.LATER)
        _outage(target.host).recovered()
        return _result(response)

    @cached_property
    def _key(self) -> Vapid02:
        return Vapid02.from_string(settings.VAPID_PRIVATE_KEY)

    def _vapid_headers(self, target: OutboundUrl) -> dict[str, str]:
        host = target.authority
        claims = {
            "aud": f"{target.scheme}://{host}",
            "exp": int(time.time()) + VAPID_TOKEN_TTL_S,
            "sub": contact(),
        }
        headers: dict[str, str] = self._key.sign(claims)
        return headers


@lru_cache(maxsize=256)
def _outage(host: str) -> OutageLog:
    return OutageLog(logger, f"Push service {host}", of="push_service")


def _allowed(target: OutboundUrl) -> bool:
    return any(
        target.host == name or (name.startswith(".") and target.host.endswith(name))
        for name in settings.PUSH_HOSTS
    )


def _encrypted(destination: Destination, payload: bytes) -> bytes:
    pusher = WebPusher({"endpoint": destination.endpoint, "keys": dict(destination.keys)})
    body: bytes = pusher.encode(payload)["body"]
    return body


def _result(response: PostResponse) -> SendResult:
    status = response.status
    if 200 <= status < 300:
        return SendResult(Outcome.SENT, status)
    if status in OUTCOMES:
        return SendResult(OUTCOMES[status], status)
    if status == 429 or status >= 500:
        wait = response.retry_after_s
        return SendResult(
            Outcome.LATER, status, None if wait is None else min(wait, MAX_RETRY_AFTER_S)
        )
    return SendResult(Outcome.REFUSED, status)


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _invalid_endpoint(reason: str) -> Invalid:
    return Invalid(reason, pointer="#/endpoint", reason=reason)
