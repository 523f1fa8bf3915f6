"""Stored objects, read through this server."""

from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from apps.core import problems
from apps.core.downloads import download
from apps.core.errors import NotFound, Refused
from apps.files.gateways import objects
from apps.files.links import NO_STORE, InvalidLink, read_link

# For an object that is opened as a page of its own: it has no origin, runs nothing and loads
# nothing but itself. The style is that of the browser's own viewer.
POLICY = (
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}


@require_safe
def stored_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The object that a link leads to. Who has the link may read it."""
    try:
        linked = read_link(token)
        read = partial(objects.read_range, linked.key)
        return download(request, read, size=linked.size, headers=HEADERS | linked.headers)
    except (InvalidLink, objects.ObjectMissing):
        return _refused(NotFound())
    except Refused as error:
        return _refused(error)


def _refused(error: Refused) -> HttpResponseBase:
    response = problems.response(error)
    response["Cache-Control"] = NO_STORE
    return response
