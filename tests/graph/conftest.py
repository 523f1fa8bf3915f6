"""Fixtures of the tests of Microsoft Teams' presence."""

from collections.abc import Iterator
from functools import cache as cache_forever
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache

from apps.accounts.models import User
from apps.graph.actions import polling, subscriptions
from apps.graph.encryption import KeyPair, make_key_pair
from apps.graph.gateways import keys, login
from apps.graph.models import Link, Subscription
from tests.graph.stand_in import (
    ACCOUNT,
    CLIENT,
    SECRET,
    TENANT,
    Microsoft,
    certificate_of,
    microsoft,
)
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, crew, with_mail

__all__ = ["alice", "bob", "captured_events", "charlie", "crew", "with_mail"]
ALICE = "66825e03-7ef5-42da-9069-724602c31f6b"
BOB = "fa8bf3dc-eca7-46b7-bad1-db199b62afc3"


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@pytest.fixture(scope="session")
def files(key: rsa.RSAPrivateKey, tmp_path_factory: Any) -> tuple[Path, Path]:
    return certificate_of(key, tmp_path_factory.mktemp("microsoft"))


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: Any) -> None:
    """Making a key takes longer than most of these tests."""
    monkeypatch.setattr(subscriptions, "make_key_pair", _key_pair)


@cache_forever
def _key_pair() -> KeyPair:
    return make_key_pair()


@pytest.fixture
def ms(db, settings: Any, monkeypatch: Any, key: Any, files: Any) -> Iterator[Microsoft]:
    """Microsoft, this server set up for it, and two people whom it knows. At the end, it has
    received nothing that it would refuse."""
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    with microsoft(key, files) as made:
        settings.GRAPH_TENANT, settings.GRAPH_CLIENT_ID = TENANT, CLIENT
        settings.GRAPH_CLIENT_SECRET = SECRET
        settings.GRAPH_URL = settings.GRAPH_LOGIN_URL = made.url
        login.forget()
        keys.forget()
        cache.clear()
        made.people = [
            {"id": ALICE, "mail": "alice@example.org", "userPrincipalName": "al@example.org"},
            {"id": BOB, "mail": "bob@example.org", "userPrincipalName": "bob@example.org"},
        ]
        yield made
        assert made.wrong == []


def shared(user: User, object_id: str) -> User:
    """The person shares their presence, and Microsoft knows them."""
    Link.objects.create(user=user, email=user.email or with_mail(user).email, object_id=object_id)
    return user


def poll() -> None:
    """Ask for everybody's presence now."""
    Link.objects.update(due_at="2020-01-01T00:00Z")
    polling.follow()


def subscribe() -> Subscription:
    """Connect an account, and make its subscription."""
    subscriptions.connect_account(ACCOUNT, "refresh-1")
    keep()
    return Subscription.objects.get()


def keep() -> None:
    """Look at the subscriptions now."""
    Subscription.objects.update(due_at="2020-01-01T00:00Z")
    subscriptions.keep()


def status_of(user: User) -> tuple[str, str, bool]:
    """What was synced: text, emoji, and whether no pushes are sent."""
    user.refresh_from_db()
    return user.synced_text, user.synced_emoji, user.synced_quiet
