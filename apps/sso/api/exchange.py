"""Tokens for apps of people who sign in with the identity provider."""

import logging
from typing import Annotated

from django.conf import settings
from django.utils.translation import get_language
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.actions import app_tokens
from apps.accounts.actions.devices import checked_name
from apps.accounts.api.tokens import Open, TokenPair, pair_response
from apps.core.client_address import client_address
from apps.core.errors import InvalidToken, LoginRequired, NotFound, SignedOut, Unavailable
from apps.core.limits import SSO_SIGN_INS, check
from apps.sso.actions.exchange import exchange
from apps.sso.errors import ProviderUnavailable, Reason, SignInFailed
from apps.sso.tokens import MAX_TOKEN_LENGTH
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

logger = logging.getLogger(__name__)
RETRY_AFTER_S = 10.0


class Exchange(Input, frozen=True):
    """`provider_token`: an access token of the identity provider, less than 5 minutes old and not
    used here before. `device_name` is what the person's list of devices shows."""

    provider_token: Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN_LENGTH)]
    device_name: Annotated[str, Meta(max_length=80)] = ""


class ExchangeView(Open):
    """`/tokens/exchange`"""

    @operation(
        "exchangeTokens",
        "Sign an app in with the identity provider",
        body=Exchange,
        returns=TokenPair,
        status=(201,),
        errors=(InvalidToken, SignedOut, LoginRequired, NotFound),
        calls=app_tokens.begin,
        limits=(SSO_SIGN_INS,),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """With an access token that the app got there, made for this server. An app that was signed
        out here is refused with `login_required` until the person signs in at the provider again
        (`prompt=login`). 404 when no app may sign in this way."""
        if not settings.OIDC_ISSUER or not settings.OIDC_APP_CLIENTS:
            raise NotFound
        given = decode(request, Exchange)
        name = checked_name(given.device_name, pointer="#/device_name")
        check(SSO_SIGN_INS, client_address(request._request))
        try:
            tokens = exchange(given.provider_token, name=name, locale=get_language() or "en")
        except ProviderUnavailable as error:
            logger.warning("An access token cannot be checked: %s", error)
            raise Unavailable(
                "The identity provider cannot be reached. Try again in a moment.",
                retry_after=RETRY_AFTER_S,
            ) from None
        except SignInFailed as error:
            logger.warning("An access token was refused (%s): %s", error.reason.name, error)
            if error.reason is Reason.CLOSED:
                raise SignedOut("This account cannot sign in.") from None
            raise InvalidToken("This token of the identity provider is not accepted.") from None
        return pair_response(tokens, status=201)
