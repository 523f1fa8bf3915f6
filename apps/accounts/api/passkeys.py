"""The person's passkeys over the API. They are made in pages of PUBLIC_URL only."""

import json
from datetime import datetime
from typing import Annotated, Any, cast

from allauth.mfa.models import Authenticator
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import own_factors
from apps.accounts.actions.devices import checked_name
from apps.accounts.api.proof import PasskeyOptions
from apps.accounts.fresh_sign_in import proven
from apps.accounts.models import User
from apps.accounts.second_factor_forms import MAX_NAME_LENGTH, AddPasskeyForm
from apps.accounts.staff import remember_second_factor
from apps.core.errors import FreshSignInRequired, Invalid, NotFound, NotPossible
from apps.core.limits import SECOND_FACTOR
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

OWN = (FreshSignInRequired, NotPossible, NotFound)


class Passkey(Struct, frozen=True):
    """A passkey of the person."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


class NewPasskey(Struct, frozen=True):
    """`recovery_codes`: shown this one time, with the first second factor; empty otherwise."""

    passkey: Passkey
    recovery_codes: list[str]


class AddedPasskey(Input, frozen=True):
    """`credential`: what the browser made of the options, as JSON (Web Authentication Level 3,
    `PublicKeyCredential.toJSON`). Without a name it gets one."""

    credential: dict[str, Any]
    name: Annotated[str, Meta(max_length=MAX_NAME_LENGTH)] = ""


class PasskeyName(Input, frozen=True):
    """Only its owner sees the name."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]


class PasskeyOptionsView(APIView):
    """`/me/second-factor/passkeys/options`"""

    @operation(
        "beginPasskey",
        "Options for a new passkey",
        returns=PasskeyOptions,
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def post(self, request: Request) -> Response:
        """For `navigator.credentials.create`. 409: the account has no password here, or has 50
        passkeys."""
        with proven(request):
            user = cast(User, request.user)
            own_factors.check_may_begin(user, Authenticator.Type.WEBAUTHN)
            return Response(PasskeyOptions(own_factors.passkey_options(user)))


class PasskeysView(APIView):
    """`/me/second-factor/passkeys`"""

    @operation(
        "addPasskey",
        "Add a passkey",
        body=AddedPasskey,
        returns=NewPasskey,
        status=(201,),
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def post(self, request: Request) -> Response:
        """Made with the last options of this device. 400: not accepted, or made elsewhere than in a
        page of this server."""
        given = decode(request, AddedPasskey)
        name = checked_name(given.name, pointer="#/name")
        user = cast(User, request.user)
        with proven(request) as plain:
            own_factors.check_may_begin(user, Authenticator.Type.WEBAUTHN)
            form = AddPasskeyForm(
                {"name": name, "credential": json.dumps(given.credential)}, user=user
            )
            if not form.is_valid():
                reason = "This passkey was not accepted."
                raise Invalid(reason, pointer="#/credential", reason=reason)
            passkey, codes = own_factors.add_passkey(plain, user, **form.cleaned_data, shown=True)
            added = NewPasskey(body(passkey), codes)
            remember_second_factor(plain, user)
        return Response(added, status=201, headers={"Cache-Control": "no-store"})


class PasskeyView(APIView):
    """`/me/second-factor/passkeys/{id}`"""

    @operation(
        "renamePasskey",
        "Name a passkey",
        body=PasskeyName,
        returns=Passkey,
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def patch(self, request: Request, passkey: int) -> Response:
        """Returns it."""
        name = checked_name(decode(request, PasskeyName).name, pointer="#/name")
        with proven(request):
            found = own_factors.rename_passkey(cast(User, request.user), passkey, name)
        return Response(body(found))

    @operation(
        "removePasskey",
        "Remove a passkey",
        returns=None,
        status=(204,),
        errors=OWN,
        limits=(SECOND_FACTOR,),
    )
    def delete(self, request: Request, passkey: int) -> Response:
        """The recovery codes go with the last second factor."""
        with proven(request) as plain:
            own_factors.remove_passkey(plain, cast(User, request.user), passkey)
        return Response(status=204)


def body(passkey: Authenticator) -> Passkey:
    """A passkey as its owner sees it."""
    return Passkey(passkey.pk, passkey.wrap().name, passkey.created_at, passkey.last_used_at)
