"""The page that ends a person's digests, to which the link in each of them leads."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.core.errors import NotFound
from apps.notifications.actions.digests import turn_off
from apps.notifications.queries.digests import owner_of


# No session, no cookie, no CSRF token: mail programs send the POST (RFC 8058), and the token in the
# address says whose digests end.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def digest_off(request: HttpRequest, token: str) -> HttpResponse:
    """POST ends the digests. GET shows a button and changes nothing: programs that check the links
    in mails follow them."""
    try:
        if request.method == "POST":
            turn_off(token)
        else:
            owner_of(token)
    except NotFound:
        return render(request, "notifications/digest_off.html", {"state": "unknown"}, status=404)
    state = "off" if request.method == "POST" else "asked"
    return render(request, "notifications/digest_off.html", {"state": state})
