"""Logouts that come from the identity provider.

OpenID Connect Back-Channel Logout 1.0 and Front-Channel Logout 1.0.
"""

import logging
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from apps.core.client_address import client_address
from apps.core.errors import RateLimited
from apps.core.limits import SSO_FRONT_LOGOUTS, SSO_LOGOUTS, check
from apps.sso.actions import provider_sessions
from apps.sso.errors import InvalidToken, ProviderUnavailable
from apps.sso.tokens import verify_logout_token

logger = logging.getLogger(__name__)


@csrf_exempt  # the signature of the token says who asks
@require_POST
@never_cache
def back_channel(request: HttpRequest) -> HttpResponse:
    """End the sessions that a logout token names.

    400: the token is invalid or was used before. 429, 503: it may come again.
    """
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        check(SSO_LOGOUTS, client_address(request))
        claims = verify_logout_token(request.POST.get("logout_token", ""))
        ended = provider_sessions.end_by_logout_token(claims)
    except RateLimited as error:
        wait = {"Retry-After": str(error.retry_after_s)}
        return JsonResponse({"error": "slow_down"}, status=429, headers=wait)
    except ProviderUnavailable as error:
        # The provider may try again; the poll finds the session in any case.
        logger.warning("A logout token cannot be checked: %s", error)
        return JsonResponse({"error": "temporarily_unavailable"}, status=503)
    except InvalidToken as error:
        logger.warning("A logout token was refused: %s", error)
        return JsonResponse({"error": "invalid_request"}, status=400)
    logger.info("The provider ended %d sessions", ended)
    return HttpResponse()


@require_GET
@never_cache
@xframe_options_exempt
def front_channel(request: HttpRequest) -> HttpResponseBase:
    """End the session in `sid`; the provider shows this page in a hidden frame.

    The browser sends no cookie along, so `iss` and `sid` name the session. Nobody can guess a
    `sid`, and who knows one can only end that session.
    """
    if not settings.OIDC_ISSUER or not settings.OIDC_FRONT_CHANNEL_LOGOUT:
        raise Http404
    try:
        check(SSO_FRONT_LOGOUTS, client_address(request))
        provider_sessions.end_by_sid(request.GET.get("iss", ""), request.GET.get("sid", ""))
    except RateLimited as error:
        return HttpResponse(status=429, headers={"Retry-After": str(error.retry_after_s)})
    except InvalidToken:
        return HttpResponse(status=400)
    parts = urlsplit(settings.OIDC_ISSUER)
    allow_framing = csp_replace({"frame-ancestors": [f"{parts.scheme}://{parts.netloc}"]})
    return allow_framing(lambda _: HttpResponse())(request)
