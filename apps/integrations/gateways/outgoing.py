"""Posts events to the addresses of outgoing webhooks, signed by Standard Webhooks
(https://www.standardwebhooks.com)."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct
from standardwebhooks import Webhook

from apps.core.outbound_http import RequestFailed, beginning, outbound_client
from apps.core.outbound_url import ForbiddenUrl

# From the lookup of the name to the status of the response.
REQUEST_TIMEOUT_S = 10.0
MAX_EXCERPT_BYTES = 1_000
MAX_ERROR_LENGTH = 200


class WebhookRequest(Struct, frozen=True):
    """A request to be made. `secrets`: each signs it."""

    id: str
    url: str
    body: bytes
    secrets: Sequence[str]


class Attempt(Struct, frozen=True):
    """How one attempt ended. `status` is None without a response; `error` says why then."""

    status: int | None = None
    error: str = ""
    duration_ms: int = 0
    response: str = ""
    retry_after_s: float | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the event."""
        return self.status is not None and 200 <= self.status < 300


async def post(request: WebhookRequest) -> Attempt:
    """Post an event. Never raises, and ends within REQUEST_TIMEOUT_S. Redirects are failures."""
    begun, now = time.monotonic(), datetime.now(UTC)
    try:
        response = await outbound_client().post(
            request.url,
            headers={"Content-Type": "application/json", **_signature(request, now)},
            body=request.body,
            seconds=REQUEST_TIMEOUT_S,
            read=beginning(MAX_EXCERPT_BYTES),
        )
    except (ForbiddenUrl, RequestFailed, ValueError) as error:
        words = str(error)[:MAX_ERROR_LENGTH]
        return Attempt(error=words, duration_ms=_milliseconds_since(begun))
    return Attempt(
        status=response.status,
        duration_ms=_milliseconds_since(begun),
        # PostgreSQL stores no NUL.
        response=response.body.decode(errors="replace").replace("\0", "\ufffd"),
        retry_after_s=response.retry_after_s,
    )


def _signature(request: WebhookRequest, now: datetime) -> dict[str, str]:
    signed = [
        Webhook(secret).sign(request.id, now, request.body.decode()) for secret in request.secrets
    ]
    return {
        "webhook-id": request.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def _milliseconds_since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1_000)
