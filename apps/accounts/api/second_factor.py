"""The person's second factor over the API: the authenticator app and the recovery codes."""

from datetime import datetime
from typing import Annotated, cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import own_factors
from apps.accounts.api.passkeys import Passkey
from apps.accounts.fresh_sign_in import proven
from apps.accounts.models import User
from apps.accounts.queries.second_factor import second_factors
from apps.accounts.second_factor_forms import MAX_CODE_LENGTH, ActivateAppForm
from apps.accounts.staff import remember_second_factor
from apps.core.authentication import person_id
from apps.core.errors import FreshSignInRequired, Invalid, NotFound, NotPossible
from apps.core.limits import SECOND_FACTOR
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

NO_STORE = {"Cache-Control": "no-store"}
OWN = (FreshSignInRequired, NotPossible, NotFound)


class AuthenticatorApp(Struct, frozen=True):
    """When the authenticator app was set up, and last used."""

    created_at: datetime
    used_at: datetime | None


class SecondFactors(Struct, frozen=True):
    """`recovery_codes_left`: how many are unused; null without any second factor."""

    app: AuthenticatorApp | None
    passkeys: list[Passkey]
    recovery_codes_left: int | None


class NewApp(Struct, frozen=True):
    """Give the secret, or the address as a QR code, to an authenticator app. It counts once a code
    is sent with `PUT`."""

    secret: str
    uri: str


class FirstCode(Input, frozen=True):
    """The code that the app shows."""

    code: Annotated[str, Meta(min_length=1, max_length=MAX_CODE_LENGTH)]


class RecoveryCodes(Struct, frozen=True):
    """Shown this one time. Each signs in once, in place of the second factor. Empty when the person
    has codes already."""

    recovery_codes: list[str]


class SecondFactorView(APIView):
    """`/me/second-factor`"""

    @operation("getSecondFactor", "My second factor", returns=SecondFactors, errors=(NotFound,))
    def get(self, request: Request) -> Response:
        """What a sign-in with the password asks for, too. 404: this server has no local
        accounts."""
        mine = second_factors(person_id(request))
        app = AuthenticatorApp(mine.app_since, mine.app_used_at) if mine.app_since else None
        passkeys = [Passkey(*each) for each in mine.passkeys]
        return Response(SecondFactors(app, passkeys, mine.codes_left))


class AppView(APIView):
    """`/me/second-factor/app`"""

    @operation(
        "beginAuthenticatorApp",
        "Begin to set up an authenticator app",
        returns=NewApp,
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def post(self, request: Request) -> Response:
        """A new secret, which this device must confirm. 409: there is an app already, or the
        account has no password here."""
        with proven(request):
            user = cast(User, request.user)
            own_factors.check_may_begin(user, Authenticator.Type.TOTP)
            secret = ActivateAppForm(user=user).secret
        new = NewApp(secret, get_adapter().build_totp_url(user, secret))
        return Response(new, headers=NO_STORE)

    @operation(
        "confirmAuthenticatorApp",
        "Set up the authenticator app",
        body=FirstCode,
        returns=RecoveryCodes,
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def put(self, request: Request) -> Response:
        """With a code of it. 400: another secret, or too late: begin again."""
        given = decode(request, FirstCode)
        user = cast(User, request.user)
        with proven(request) as plain:
            own_factors.check_may_begin(user, Authenticator.Type.TOTP)
            form = ActivateAppForm({"code": given.code}, user=user)
            if not form.is_valid():
                reason = "This code is not valid."
                raise Invalid(reason, pointer="#/code", reason=reason)
            codes = own_factors.activate_app(plain, user, form.secret, step=form.step, shown=True)
            remember_second_factor(plain, user)
        return Response(RecoveryCodes(codes), headers=NO_STORE)

    @operation(
        "removeAuthenticatorApp",
        "Remove the authenticator app",
        returns=None,
        status=(204,),
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def delete(self, request: Request) -> Response:
        """The recovery codes go with the last second factor."""
        with proven(request) as plain:
            own_factors.remove_app(plain, cast(User, request.user))
        return Response(status=204)


class RecoveryCodesView(APIView):
    """`/me/second-factor/recovery-codes`"""

    @operation(
        "makeRecoveryCodes",
        "Make new recovery codes",
        returns=RecoveryCodes,
        status=(201,),
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def post(self, request: Request) -> Response:
        """Those before work no more. 409: there is no second factor."""
        with proven(request) as plain:
            codes = own_factors.make_codes(plain, cast(User, request.user), shown=True)
        return Response(RecoveryCodes(codes), status=201, headers=NO_STORE)
