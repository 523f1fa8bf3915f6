"""Makes the last proof of a person old (`accounts.fresh_sign_in`)."""

import time

from django.test import Client

from apps.accounts.app_data import AppData
from apps.accounts.models import Session, User
from apps.accounts.models.session import app_session_key
from apps.accounts.sessions import SessionStore
from apps.accounts.staff import PROVED_AT
from tests.support.apps import App


def long_ago(client: Client | App, *, seconds: int = 301) -> None:
    """The last proof in this browser or app was so long ago; by default too long."""
    session = AppData(app_session_key(client.device)) if isinstance(client, App) else client.session
    session[PROVED_AT] = time.time() - seconds
    session.save()


def long_ago_everywhere(user: User) -> None:
    """As `long_ago`, in all browsers of the person."""
    for key in Session.objects.filter(user=user).values_list("session_key", flat=True):
        session = SessionStore(key)
        session[PROVED_AT] = time.time() - 301
        session.save()
