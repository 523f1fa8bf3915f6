"""The secrets in the link with which somebody came to the registration page."""

from typing import NamedTuple

from allauth.utils import get_request_param
from django.http import HttpRequest
from django.urls import Resolver404, resolve


class Secrets(NamedTuple):
    """As `registration.sign_up` takes them; empty where there is none."""

    invite: str = ""
    proof: str = ""


def registration_secrets(request: HttpRequest) -> Secrets:
    """The secrets of the link.

    Who opens the link of a group or of a person without an account comes here with its path as the
    `next` one.
    """
    invite = get_request_param(request, "invite", "")
    return Secrets(
        invite or _secret_of(get_request_param(request, "next", "")),
        get_request_param(request, "proof", ""),
    )


def _secret_of(path: str) -> str:
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return str(match.kwargs["secret"]) if match.url_name in ("join", "with") else ""
