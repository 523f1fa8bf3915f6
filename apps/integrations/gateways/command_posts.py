"""Posts runs of commands to other servers, as Slack does, and reads their answers.

Signed by Slack's scheme, so that apps verify it unchanged:
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlencode

import httpx

from apps.core.outbound_http import RequestFailed, outbound_client, whole
from apps.core.outbound_url import ForbiddenUrl

# As Slack: what takes longer answers later, by `response_url`.
ANSWER_TIMEOUT_S = 3.0
MAX_ANSWER_BYTES = 256 * 1024


class Failure(StrEnum):
    """Why there is no answer. Only with `UNREACHABLE` the other server certainly got nothing."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    ERROR = "error"
    UNREADABLE = "unreadable"


class PostResult(NamedTuple):
    """A successful response, or why there is none. `status`: that of the response."""

    body: bytes = b""
    content_type: str = ""
    failure: Failure | None = None
    status: int = 0


async def post(url: str, fields: Mapping[str, str], *, secret: str) -> PostResult:
    """Post the fields, signed. Never raises for a fault of the other server."""
    body = urlencode(fields).encode()
    try:
        response = await outbound_client().post(
            url,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                **signature(body, secret=secret, at=int(time.time())),
            },
            body=body,
            seconds=ANSWER_TIMEOUT_S,
            read=whole(MAX_ANSWER_BYTES),
        )
    except ForbiddenUrl:
        return PostResult(failure=Failure.UNREACHABLE)
    except RequestFailed as error:
        return PostResult(failure=_failure(error.__cause__))
    if not 200 <= response.status < 300:
        return PostResult(failure=Failure.ERROR, status=response.status)
    return PostResult(response.body, response.content_type)


def signature(body: bytes, *, secret: str, at: int) -> dict[str, str]:
    """The headers that sign a body. `at`: seconds since 1970."""
    digest = hmac.new(secret.encode(), b"v0:%d:%b" % (at, body), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


def verification_token(secret: str) -> str:
    """The field `token`, which older apps compare instead of the signature. It does not reveal the
    secret."""
    return hmac.new(secret.encode(), b"verification token", hashlib.sha256).hexdigest()[:24]


def _failure(cause: BaseException | None) -> Failure:
    if cause is None:
        return Failure.UNREADABLE
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | UnicodeError):
        return Failure.UNREACHABLE
    if isinstance(cause, TimeoutError | httpx.TimeoutException):
        return Failure.TIMEOUT
    # A name that is not known; httpx has errors of its own for everything after.
    return Failure.UNREACHABLE if isinstance(cause, OSError) else Failure.ERROR
