"""Requests on bare ASGI: what waits for events must not hold one of Django's threads.

Read as Django reads them (cookies, host, forwarded scheme, CSRF), answered like the API.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from io import BytesIO
from typing import Any, TypeVar

from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import CSRFCheck

from apps.core import problems
from apps.core.errors import Forbidden, Invalid, Refused, SignedOut, TooLong
from apps.realtime import authentication, origin
from apps.wire.limits import MAX_FRAME_BYTES

T = TypeVar("T")
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
BODY_TIMEOUT_S = 10.0
JSON = "application/json"
# Nothing between us and the client may keep, delay or change what is live.
LIVE_HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Disconnected(Exception):
    """The client went away before it had said all."""


def read_request(scope: Scope, *, methods: tuple[str, ...]) -> ASGIRequest:
    """The request, once it is shown to come from a page of ours, or from no page at all.

    Raises Invalid for another method, and Forbidden.
    """
    request = ASGIRequest(scope, BytesIO())
    if request.method not in methods:
        raise Invalid(f"This takes {' or '.join(methods)}.")
    # Django looks for a token in what forms send along; nothing here is a form.
    if request.method == "POST" and request.content_type != JSON:
        raise Invalid(f"The body must be {JSON}.")
    try:
        _check_origin(request)
    except DisallowedHost:
        raise Invalid("This host is not served here.") from None
    return request


def session_key_of(request: ASGIRequest) -> str:
    """The key of the session that the request names. Raises SignedOut when it names none."""
    key = authentication.session_key_of(request.headers.get("Cookie", ""))
    if not key:
        raise SignedOut
    return key


async def read_body(receive: Receive) -> str:
    """The JSON text sent along. Raises Invalid, TooLong and Disconnected."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                body += message.get("body", b"")
                if len(body) > MAX_FRAME_BYTES:
                    raise TooLong("The body is too large.")
                if not message.get("more_body"):
                    return body.decode()
    except TimeoutError:
        raise Invalid("The body did not come in time.") from None
    except UnicodeDecodeError:
        raise Invalid("The body is not UTF-8.", pointer="#") from None


async def unless_disconnected(work: Coroutine[Any, Any, T], gone: "asyncio.Future[None]") -> T:
    """The result of `work`. When the client goes away first, `work` is cancelled: what waits for a
    thread then is never begun. Raises Disconnected."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Disconnected
        return task.result()
    finally:
        task.cancel()


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the client has gone away, or the answer has been given."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def respond(send: Send, body: str, headers: Mapping[str, str] = LIVE_HEADERS) -> None:
    """Answer with events as JSON."""
    response = HttpResponse(body, content_type=JSON, headers=dict(headers))
    await _send(send, response)


async def respond_refused(send: Send, refusal: Refused) -> None:
    """Answer with a problem (RFC 9457)."""
    response = problems.response(refusal)
    for name, value in LIVE_HEADERS.items():
        response[name] = value
    await _send(send, response)


def _check_origin(request: ASGIRequest) -> None:
    # Browsers name the origin of every POST. Of a GET they say whether it is the same site's
    # where they trust the address, and nothing elsewhere: without CORS nobody reads the answer.
    given = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    ours = given is None or origin.allowed(given, request.headers.get("Host", ""))
    if not ours or site not in ("same-origin", "none"):
        raise Forbidden("Only pages of this server may ask for this.")
    if request.method == "POST":
        check = CSRFCheck(_view)
        check.process_request(request)
        reason = check.process_view(request, _view, (), {})
        if reason:
            raise Forbidden(f"CSRF Failed: {reason}")


def _view(request: HttpRequest) -> HttpResponse:
    """What Django's check stands before; it is never asked."""
    return HttpResponse()


async def _send(send: Send, response: HttpResponse) -> None:
    named = [*response.items(), ("Content-Length", str(len(response.content)))]
    headers = [(name.lower().encode(), value.encode()) for name, value in named]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
