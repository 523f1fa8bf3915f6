"""The cast: Alice owns, Bob belongs, Charlie stands outside, Dana is blocked."""

import pytest
from django.test import Client

from apps.accounts.models import User

PASSWORD = "correct horse battery"


def person(username: str, **fields: object) -> User:
    """Somebody who never signs in with a password (making one takes long)."""
    return User.objects.create(username=username, password="!", **fields)


@pytest.fixture
def alice(db) -> User:
    return person("alice", name="Alice Ärmel")


@pytest.fixture
def bob(db) -> User:
    return person("bob", name="Bob")


@pytest.fixture
def charlie(db) -> User:
    return person("charlie")


@pytest.fixture
def dana(db) -> User:
    return person("dana", name="Dana")


def signed_in(user: User) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client
