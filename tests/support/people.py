"""The cast: Alice owns, Bob belongs, Charlie stands outside, Dana is blocked."""

from unittest.mock import patch
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import User
from apps.chats.actions import groups
from apps.chats.actions.direct import open_direct
from apps.contacts import acceptance_handlers
from apps.contacts.actions import contacts

PASSWORD = "correct horse battery"
# The real hash takes 0.25 s by design.
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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


def session_of(user: User) -> str:
    """The key of a new session of the person."""
    return signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value


def in_touch(one: User, other: User) -> None:
    """Make two people contacts, through the door they would take, but without the chat that this
    opens: tests open it when they want it, and count its messages from one."""
    with patch.object(acceptance_handlers, "_handlers", []):
        contacts.invite(one.id, other.id)
        contacts.accept(other.id, one.id)


@pytest.fixture
def crew(alice: User, bob: User) -> UUID:
    """Alice's group, Bob in it."""
    in_touch(alice, bob)
    return groups.create_group(alice.id, "Crew", [bob.id])


def direct_chat(one: User, other: User) -> UUID:
    """The direct chat of two people who are put in touch for it."""
    in_touch(one, other)
    return open_direct(one.id, other.id)


@pytest.fixture
def chat(alice: User, bob: User) -> UUID:
    """Alice's and Bob's direct chat."""
    return direct_chat(alice, bob)
