"""Signing in by the page."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.support.people import PASSWORD

SIGN_IN = "/accounts/login/"


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: Any) -> HttpResponse:
    return client.post(SIGN_IN, {"login": login, "password": password}, **more)


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/api/v1/me").status_code == 200)
