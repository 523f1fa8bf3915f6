"""Requests on bare ASGI: a request that waits for events must not hold one of Django's threads.

They are read as Django reads them (cookies, host, forwarded scheme, CSRF), and answered as the API
answers.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from io import BytesIO
from typing import Any, TypeVar

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.core.exceptions import DisallowedHost, TooManyFieldsSent
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import CSRFCheck

from apps.core import problems
from apps.core.errors import Forbidden, Invalid, Refused, TooLong
from apps.realtime import authentication, origin
from apps.wire.limits import MAX_FRAME_BYTES

T = TypeVar("T")
BODY_TIMEOUT_S = 10.0
JSON = "application/json"
# No proxy may cache, delay or change a live response.
LIVE_HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Disconnected(Exception):
    """The client disconnected before the request was complete or answered."""


def read_request(scope: HTTPScope, *, methods: tuple[str, ...]) -> ASGIRequest:
    """The request, without its body, once its origin is checked.

    Raises Invalid for another method, host or content type, and Forbidden.
    """
    request = ASGIRequest(scope, BytesIO())
    if request.method not in methods:
        raise Invalid(f"Use {' or '.join(methods)}.")
    # Django's CSRF check looks for a token in form bodies; refuse forms before it runs.
    if request.method == "POST" and request.content_type != JSON:
        raise Invalid(f"The body must be {JSON}.")
    try:
        if authentication.needs_origin(headers_of(request), ticket=request.GET.get("ticket", "")):
            _check_origin(request)
    except TooManyFieldsSent:
        raise Invalid("The query is too long.") from None
    except DisallowedHost:
        raise Invalid("This host is not served here.") from None
    return request


def headers_of(request: ASGIRequest) -> dict[str, str]:
    """The request's headers, by their names in lower case."""
    return {name.lower(): value for name, value in request.headers.items()}


async def read_body(receive: ASGIReceiveCallable) -> str:
    """The request's body as text. Raises Invalid, TooLong and Disconnected."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while True:
                message = await receive()
                if message["type"] != "http.request":
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


async def unless_disconnected(
    work: Coroutine[Any, Any, T], disconnected: "asyncio.Future[None]"
) -> T:
    """The result of `work`. Cancels it when the client disconnects first, so that work which still
    waits for a thread never begins. Raises Disconnected."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task, disconnected), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Disconnected
        return task.result()
    finally:
        task.cancel()


async def wait_for_disconnect(receive: ASGIReceiveCallable) -> None:
    """Return when the client has disconnected, or the response is complete."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def start_response(
    send: ASGISendCallable, status: int, headers: Iterable[tuple[str, str]]
) -> None:
    """Send the status and the headers of a response."""
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": encoded,
            "trailers": False,
        }
    )


async def respond(
    send: ASGISendCallable, body: str, headers: Mapping[str, str] = LIVE_HEADERS
) -> None:
    """Respond with events as JSON."""
    response = HttpResponse(body, content_type=JSON, headers=dict(headers))
    await _send(send, response)


async def respond_refused(send: ASGISendCallable, refusal: Refused) -> None:
    """Respond with a problem document (RFC 9457)."""
    response = problems.response(refusal)
    for name, value in LIVE_HEADERS.items():
        response[name] = value
    await _send(send, response)


def _check_origin(request: ASGIRequest) -> None:
    # Browsers send Origin with every POST. With a GET they send Sec-Fetch-Site, but only to
    # addresses they trust; to others neither, and without CORS no page can read the response.
    given = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    ours = given is None or origin.allowed(given, request.headers.get("Host", ""))
    if not ours or site not in ("same-origin", "none"):
        raise Forbidden("Only pages of this server may send this request.")
    if request.method == "POST":
        check = CSRFCheck(_view)
        check.process_request(request)
        reason = check.process_view(request, _view, (), {})
        if reason:
            raise Forbidden(f"CSRF Failed: {reason}")


def _view(request: HttpRequest) -> HttpResponse:
    """The view that Django's CSRF check needs as an argument; it is never called."""
    return HttpResponse()


async def _send(send: ASGISendCallable, response: HttpResponse) -> None:
    headers = [*response.items(), ("Content-Length", str(len(response.content)))]
    await start_response(send, response.status_code, headers)
    await send({"type": "http.response.body", "body": response.content, "more_body": False})
