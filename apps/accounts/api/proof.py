"""Proving again, over the API, that it is the person who is signed in."""

import json
from typing import Annotated, Any, cast

from allauth.mfa.webauthn.internal.auth import begin_authentication
from msgspec import Meta, Struct, field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import proof
from apps.accounts.app_data import client_data
from apps.accounts.models import User
from apps.accounts.second_factor_forms import PasskeyProofForm
from apps.core.errors import FreshSignInRequired, Invalid, NotFound, RateLimited
from apps.core.limits import SECOND_FACTOR, check
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class Proof(Input, frozen=True):
    """One of both. `passkey`: what the browser made of the options of `/session/proof/passkey`, as
    JSON (Web Authentication Level 3, `PublicKeyCredential.toJSON`)."""

    password: Annotated[str, Meta(max_length=4096)] = ""
    passkey: dict[str, Any] = {}


class PasskeyOptions(Struct, frozen=True):
    """For `PublicKeyCredential.parse…OptionsFromJSON`. They work once."""

    public_key: dict[str, Any] = field(name="publicKey")


class ProofView(APIView):
    """`/session/proof`"""

    @operation(
        "proveIdentity",
        "Prove again that it is me",
        body=Proof,
        returns=None,
        status=(204,),
        errors=(FreshSignInRequired, RateLimited, NotFound),
    )
    def post(self, request: Request) -> Response:
        """Some changes ask for a proof of the last five minutes, and are refused with
        `fresh_sign_in_required` without one; signing in is one, too. The limits are those of the
        sign-in page. 400: wrong. 403 `fresh_sign_in_required`: this account has no password here,
        so sign in again. 404: this server has no local accounts."""
        given = decode(request, Proof)
        user = cast(User, request.user)
        with client_data(request) as plain:
            if given.passkey:
                form = PasskeyProofForm({"credential": json.dumps(given.passkey)}, user=user)
                if not form.is_valid():
                    reason = "This passkey was not accepted."
                    raise Invalid(reason, pointer="#/passkey", reason=reason)
                proof.remember(plain.session)
            else:
                proof.by_password(plain, user, given.password)
        return Response(status=204)


class ProofPasskeyView(APIView):
    """`/session/proof/passkey`"""

    @operation(
        "beginPasskeyProof",
        "Options for a proof with a passkey",
        returns=PasskeyOptions,
        limits=(SECOND_FACTOR,),
        errors=(NotFound,),
    )
    def post(self, request: Request) -> Response:
        """For `navigator.credentials.get`. The device must verify the person."""
        check(SECOND_FACTOR, request.user.pk)
        with client_data(request):
            options = begin_authentication(request.user)["publicKey"]
        return Response(PasskeyOptions({**options, "userVerification": "required"}))
