"""Proving again, over the API, that it is the person who is signed in."""

import json
from typing import Annotated, Any, cast

from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.http import HttpRequest
from msgspec import Meta, Struct, field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import proof
from apps.accounts.app_data import client_data
from apps.accounts.models import User
from apps.accounts.second_factor_forms import MAX_CODE_LENGTH, CodeForm, PasskeyProofForm
from apps.accounts.staff import remember_second_factor
from apps.core.errors import FreshSignInRequired, Invalid, NotFound, RateLimited
from apps.core.limits import SECOND_FACTOR, check
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class Proof(Input, frozen=True):
    """A password or a passkey. With the password goes `code`, of the authenticator app or a
    recovery code, where the session lacks its second factor; a passkey is both. `passkey`: what
    the browser made of the options of `/session/proof/passkey`, as JSON (Web Authentication Level
    3, `PublicKeyCredential.toJSON`)."""

    password: Annotated[str, Meta(max_length=4096)] = ""
    code: Annotated[str, Meta(max_length=MAX_CODE_LENGTH)] = ""
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
                remember_second_factor(plain, user)
            else:
                proof.by_password(plain, user, given.password)
                if given.code:
                    _by_code(plain, user, given.code)
        return Response(status=204)


def _by_code(request: HttpRequest, user: User, code: str) -> None:
    form = CodeForm({"code": code}, user=user)
    if form.is_valid():
        remember_second_factor(request, user)
        return
    if form.has_error("code", "too_many_login_attempts"):
        raise RateLimited(retry_after=proof.RETRY_AFTER_S)
    raise Invalid("Wrong code.", pointer="#/code", reason="Wrong code.")


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
