"""The address that Microsoft Graph notifies. It is open to everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core.client_address import client_address
from apps.core.errors import RateLimited
from apps.core.limits import GRAPH_NOTIFICATIONS, check
from apps.graph.actions import notifications
from apps.graph.actions.service import is_on

# Graph's are shorter; as plain text of another origin's making they are no page.
MAX_TOKEN_LENGTH = 4_096


@csrf_exempt  # what it says is checked against secrets and signatures
@require_POST
@never_cache
def notify(request: HttpRequest) -> HttpResponse:
    """With `validationToken`: return it, as Graph asks before it makes a subscription. Otherwise
    202, whatever the body is: nobody learns which notifications are accepted. 429: too many, which
    Graph repeats; what it gives up is right after the next poll."""
    if not is_on():
        raise Http404
    try:
        check(GRAPH_NOTIFICATIONS, client_address(request))
    except RateLimited as error:
        return HttpResponse(status=429, headers={"Retry-After": str(error.retry_after_s)})
    token = request.GET.get("validationToken")
    if token is not None:
        if len(token) > MAX_TOKEN_LENGTH:
            return HttpResponse(status=400)
        return HttpResponse(token, content_type="text/plain; charset=utf-8")
    notifications.accept(request.body)
    return HttpResponse(status=202)
